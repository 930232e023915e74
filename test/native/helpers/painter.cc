#include "helpers/painter.h"

#include <libyuv.h>

#include <cmath>

#include "camera/stamp.h"
#include "support/clock.h"

namespace pimon {

namespace {

constexpr int kPadding = 32;

// A frame with its memory.
struct Painted : Frame {
  std::vector<uint8_t> memory;
};

Canvas canvasOf(std::vector<uint8_t>& memory, Size size) {
  const int stride = size.width + kPadding;
  const size_t luma = static_cast<size_t>(stride) * size.height;
  memory.resize(luma * 3 / 2);
  return {.width = size.width,
          .height = size.height,
          .y = {memory.data(), stride},
          .u = {memory.data() + luma, stride / 2},
          .v = {memory.data() + luma + luma / 4, stride / 2}};
}

}  // namespace

Painter::Painter(Size size, PixelFormat format, double fps)
    : format_{.size = size,
              .fps = fps,
              .pixelFormat = format,
              .colourSpace = ColourSpace::Rec709,
              .preview = {}},
      scene_(size.width, size.height),
      beginningNs_(monotonicNs()) {}

FramePtr Painter::next() { return nextLate(0); }

FramePtr Painter::nextLate(int64_t lateNs) {
  auto frame = std::make_unique<Painted>();
  const auto sinceBeginning = std::llround(static_cast<double>(sequence_) * 1e9 / format_.fps);
  frame->info.sequence = ++sequence_;
  frame->info.sensorNs = beginningNs_ + sinceBeginning + lateNs;
  frame->info.wallUs = wallUsAt(frame->info.sensorNs);
  frame->info.exposureUs = static_cast<int32_t>(1000 + sequence_);
  frame->info.gain = 1.5F;

  const Size size = format_.size;
  const Canvas canvas = canvasOf(frame->memory, size);
  scene_.draw(canvas, static_cast<double>(sinceBeginning) / 1e9, 0);
  drawStamp(canvas, stampOf(frame->info));
  frame->main = {
      .format = format_.pixelFormat,
      .width = size.width,
      .height = size.height,
      .planes = {Plane{canvas.y.data, canvas.y.stride}, Plane{canvas.u.data, canvas.u.stride},
                 Plane{canvas.v.data, canvas.v.stride}}};
  if (format_.pixelFormat == PixelFormat::Nv12) {
    std::vector<uint8_t> interleaved(static_cast<size_t>(canvas.y.stride) * size.height / 2);
    libyuv::MergeUVPlane(canvas.u.data, canvas.u.stride, canvas.v.data, canvas.v.stride,
                         interleaved.data(), canvas.y.stride, size.width / 2, size.height / 2);
    std::copy(interleaved.begin(), interleaved.end(), canvas.u.data);
    frame->main.planes[1] = {canvas.u.data, canvas.y.stride};
    frame->main.planes[2] = {};
  }
  ++*out_;
  return {frame.release(), [out = out_](const Painted* last) {
            const std::unique_ptr<const Painted> dies(last);
            --*out;
          }};
}

}  // namespace pimon
