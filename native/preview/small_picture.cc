#include "preview/small_picture.h"

#include <libyuv.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace pimon {

namespace {

constexpr int kMinWidth = 64;

// Limited to full range (ITU-T T.871, section 7, against BT.709's 16 … 235 and 16 … 240).
using Table = std::array<uint8_t, 256>;

Table makeTable(double zero, double span, double fullZero) {
  Table table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const double value = (static_cast<double>(i) - zero) * 255 / span + fullZero;
    table[i] = static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L));
  }
  return table;
}

void expand(std::vector<uint8_t>& plane, const Table& table) {
  for (uint8_t& value : plane) value = table[value];
}

}  // namespace

Size previewSize(const Size& main, int width) {
  const int even = std::clamp(width, std::min(kMinWidth, main.width), main.width) & ~1;
  const double exactHeight = static_cast<double>(even) * main.height / main.width;
  return {even, std::max(2, static_cast<int>(std::lround(exactHeight / 2)) * 2)};
}

void shrink(const Frame& frame, const Size& size, SmallPicture& out) {
  const bool smallWillDo = frame.preview && frame.preview->width >= size.width;
  const Picture& from = smallWillDo ? *frame.preview : frame.main;
  out.width = size.width;
  out.height = size.height;
  const int chromaWidth = out.width / 2;
  const int chromaHeight = out.height / 2;
  const auto chromaBytes = static_cast<size_t>(chromaWidth) * chromaHeight;
  out.y.resize(static_cast<size_t>(out.width) * out.height);
  out.u.resize(chromaBytes);
  out.v.resize(chromaBytes);

  const auto scale = [&](const Plane& plane, int w, int h, std::vector<uint8_t>& to, int toW,
                         int toH) {
    libyuv::ScalePlane(plane.data, plane.stride, w, h, to.data(), toW, toW, toH,
                       libyuv::kFilterBox);
  };
  const int fromChromaWidth = from.width / 2;
  const int fromChromaHeight = from.height / 2;
  scale(from.planes[0], from.width, from.height, out.y, out.width, out.height);
  if (from.format == PixelFormat::Nv12) {
    std::vector<uint8_t> uv(chromaBytes * 2);
    libyuv::UVScale(from.planes[1].data, from.planes[1].stride, fromChromaWidth, fromChromaHeight,
                    uv.data(), chromaWidth * 2, chromaWidth, chromaHeight, libyuv::kFilterBox);
    libyuv::SplitUVPlane(uv.data(), chromaWidth * 2, out.u.data(), chromaWidth, out.v.data(),
                         chromaWidth, chromaWidth, chromaHeight);
  } else {
    scale(from.planes[1], fromChromaWidth, fromChromaHeight, out.u, chromaWidth, chromaHeight);
    scale(from.planes[2], fromChromaWidth, fromChromaHeight, out.v, chromaWidth, chromaHeight);
  }
}

void widenRange(SmallPicture& picture) {
  static const Table kLuma = makeTable(16, 219, 0);
  static const Table kChroma = makeTable(128, 224, 128);
  expand(picture.y, kLuma);
  expand(picture.u, kChroma);
  expand(picture.v, kChroma);
}

}  // namespace pimon
