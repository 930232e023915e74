#include "camera/libcamera_format.h"

#include <libcamera/color_space.h>
#include <libcamera/control_ids.h>
#include <libcamera/formats.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "support/error.h"

namespace pimon {

namespace {

// The least height for which Rec. 709 is the custom.
constexpr int kHighDefinition = 720;

bool isRecordable(const libcamera::PixelFormat& format) {
  return format == libcamera::formats::YUV420 || format == libcamera::formats::NV12;
}

libcamera::Size toLibcamera(Size size) {
  return {static_cast<unsigned>(size.width), static_cast<unsigned>(size.height)};
}

Size fromLibcamera(const libcamera::Size& size) {
  return {static_cast<int>(size.width), static_cast<int>(size.height)};
}

// How far apart two sizes look. Half as wide is as far as twice as wide, and another shape is worse
// than another scale.
double distance(const libcamera::Size& a, const libcamera::Size& b) {
  const double wider = std::log(double(a.width) / b.width);
  const double higher = std::log(double(a.height) / b.height);
  return std::abs(wider) + std::abs(higher) + 2 * std::abs(wider - higher);
}

void ask(libcamera::StreamConfiguration& stream, Size size, const SourceConfig& asked) {
  const std::vector<libcamera::PixelFormat> formats = stream.formats().pixelformats();
  const bool onlyNv12 = !formats.empty() && std::find(formats.begin(), formats.end(),
                                                      libcamera::formats::YUV420) == formats.end();
  stream.pixelFormat = onlyNv12 ? libcamera::formats::NV12 : libcamera::formats::YUV420;
  stream.size = toLibcamera(size);
  stream.stride = 0;  // the camera's choice
  stream.bufferCount = static_cast<unsigned>(asked.buffers);
  stream.colorSpace = asked.size.height >= kHighDefinition ? libcamera::ColorSpace::Rec709
                                                           : libcamera::ColorSpace::Smpte170m;
}

// A camera of listed sizes answers an unlisted one with its largest. Looks for the listed size
// nearest to `wanted`, no larger than `limit`. False where there is none.
bool approach(libcamera::CameraConfiguration& configuration, unsigned index,
              const libcamera::Size& wanted, const libcamera::Size& limit) {
  libcamera::StreamConfiguration& stream = configuration.at(index);
  const auto fits = [&](const libcamera::Size& size) {
    return size.width <= limit.width && size.height <= limit.height;
  };
  if (stream.size == wanted && fits(wanted)) return true;

  const libcamera::Size adjusted = stream.size;
  std::vector<libcamera::Size> candidates = stream.formats().sizes(stream.pixelFormat);
  candidates.push_back(stream.formats().range(stream.pixelFormat).min);
  candidates.push_back(adjusted);
  std::erase_if(candidates, [&](const auto& size) { return size.isNull() || !fits(size); });
  std::stable_sort(candidates.begin(), candidates.end(), [&](const auto& a, const auto& b) {
    return distance(a, wanted) < distance(b, wanted);
  });
  for (const libcamera::Size& candidate : candidates) {
    stream.size = candidate;
    stream.stride = 0;
    const auto status = configuration.validate();
    if (status != libcamera::CameraConfiguration::Invalid && stream.size == candidate) return true;
  }
  return false;
}

std::unique_ptr<libcamera::CameraConfiguration> tryStreams(libcamera::Camera& camera,
                                                           const SourceConfig& asked,
                                                           const std::optional<Size>& preview) {
  std::vector<libcamera::StreamRole> roles{libcamera::StreamRole::VideoRecording};
  if (preview) roles.push_back(libcamera::StreamRole::Viewfinder);
  auto configuration = camera.generateConfiguration(roles);
  if (!configuration || configuration->size() != roles.size()) return nullptr;

  ask(configuration->at(0), asked.size, asked);
  if (preview) ask(configuration->at(1), *preview, asked);
  if (configuration->validate() == libcamera::CameraConfiguration::Invalid ||
      configuration->size() != roles.size()) {
    return nullptr;
  }
  const libcamera::Size none(UINT16_MAX, UINT16_MAX);
  if (!approach(*configuration, 0, toLibcamera(asked.size), none)) return nullptr;
  if (preview && !approach(*configuration, 1, toLibcamera(*preview), configuration->at(0).size)) {
    return nullptr;
  }
  const bool recordable = std::all_of(configuration->begin(), configuration->end(),
                                      [](const auto& s) { return isRecordable(s.pixelFormat); });
  return recordable ? std::move(configuration) : nullptr;
}

}  // namespace

PixelFormat pixelFormatOf(const libcamera::StreamConfiguration& stream) {
  return stream.pixelFormat == libcamera::formats::NV12 ? PixelFormat::Nv12 : PixelFormat::Yuv420;
}

std::vector<PlaneLayout> planesOf(const libcamera::StreamConfiguration& stream) {
  const unsigned stride = stream.stride;
  const unsigned luma = stride * stream.size.height;
  const unsigned chromaRows = stream.size.height / 2;
  if (pixelFormatOf(stream) == PixelFormat::Nv12) {
    return {{0, stride, luma}, {luma, stride, stride * chromaRows}};
  }
  const unsigned chroma = stride / 2 * chromaRows;
  return {{0, stride, luma}, {luma, stride / 2, chroma}, {luma + chroma, stride / 2, chroma}};
}

std::unique_ptr<libcamera::CameraConfiguration> negotiate(libcamera::Camera& camera,
                                                          const SourceConfig& asked) {
  auto configuration = asked.preview ? tryStreams(camera, asked, asked.preview) : nullptr;
  if (!configuration) configuration = tryStreams(camera, asked, std::nullopt);
  if (!configuration) {
    throw Error("invalid-value",
                "The camera " + camera.id() +
                    " gives no YUV 4:2:0 pictures (YUV420 or NV12), which recording needs. "
                    "Choose another camera.",
                "camera.id");
  }
  return configuration;
}

StreamFormat formatOf(const libcamera::CameraConfiguration& configuration, double fps,
                      const libcamera::ControlInfoMap& controls) {
  const libcamera::StreamConfiguration& main = configuration.at(0);
  const bool rec709 = main.colorSpace && main.colorSpace->ycbcrEncoding ==
                                             libcamera::ColorSpace::YcbcrEncoding::Rec709;
  StreamFormat format{.size = fromLibcamera(main.size),
                      .fps = fps,
                      .pixelFormat = pixelFormatOf(main),
                      .colourSpace = rec709 ? ColourSpace::Rec709 : ColourSpace::Smpte170m,
                      .preview = std::nullopt,
                      .stride = static_cast<int>(main.stride)};
  if (configuration.size() > 1) format.preview = fromLibcamera(configuration.at(1).size);

  const auto limits = controls.find(libcamera::controls::FrameDurationLimits.id());
  if (limits != controls.end()) {
    const auto shortest = static_cast<double>(limits->second.min().get<int64_t>());
    const auto longest = static_cast<double>(limits->second.max().get<int64_t>());
    const double asked = 1e6 / fps;
    // The limits are whole microseconds: 33 333 stands for thirty frames a second.
    if (asked < shortest - 1) format.fps = 1e6 / shortest;
    if (asked > longest + 1) format.fps = 1e6 / longest;
  }
  return format;
}

}  // namespace pimon
