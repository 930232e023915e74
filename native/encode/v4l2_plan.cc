#include "encode/v4l2_plan.h"

#include <linux/v4l2-controls.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "support/error.h"

namespace pimon {

namespace {

constexpr int kMacroblock = 16;
constexpr Size kLargest{1920, 1088};
// Macroblocks a second of level 4.0 (ITU-T H.264, table A-1), which is also what the one hardware
// block does for all its users: 1080p30.
constexpr double kCapacity = 245'760;
constexpr int kLeastBitrate = 25'000;
constexpr int kMostBitrate = 25'000'000;
constexpr int kBitrateStep = 25'000;
// Above it the firmware refuses level 4.0.
constexpr int kLevel40Bitrate = 10'000'000;
// Where none is set: 3.9 Mb/s at 720p30, 8.7 at 1080p30.
constexpr double kBitsPerPixel = 0.14;

double macroblocksPerSecond(const StreamFormat& format) {
  const auto across = [](int pixels) { return (pixels + kMacroblock - 1) / kMacroblock; };
  return across(format.size.width) * across(format.size.height) * format.fps;
}

int bitrateFor(const StreamFormat& format, int wanted) {
  const double pixels = static_cast<double>(format.size.width) * format.size.height;
  const double bitrate = wanted > 0 ? wanted : pixels * format.fps * kBitsPerPixel;
  const auto steps = static_cast<int>(std::lround(bitrate / kBitrateStep));
  return std::clamp(steps * kBitrateStep, kLeastBitrate, kMostBitrate);
}

int levelFor(const StreamFormat& format, int bitrate) {
  if (macroblocksPerSecond(format) > kCapacity) return V4L2_MPEG_VIDEO_H264_LEVEL_4_2;
  return bitrate > kLevel40Bitrate ? V4L2_MPEG_VIDEO_H264_LEVEL_4_1
                                   : V4L2_MPEG_VIDEO_H264_LEVEL_4_0;
}

}  // namespace

V4l2Plan planFor(const StreamFormat& format, const EncoderSettings& settings) {
  const int bitrate = bitrateFor(format, settings.bitrate);
  const double gopSeconds = std::chrono::duration<double>(settings.gop).count();
  const bool small = format.size.width * format.size.height <= 1280 * 720;
  return {.bitrate = bitrate,
          .level = levelFor(format, bitrate),
          .keyframePeriod = std::max(1, static_cast<int>(std::lround(gopSeconds * format.fps))),
          .codedBytes = size_t{small ? 1u : 2u} << 20};
}

std::optional<std::string> whyTooMuch(const StreamFormat& format) {
  const auto text = [](double number) { return std::to_string(std::lround(number)); };
  if (format.size.width > kLargest.width || format.size.height > kLargest.height) {
    return "the hardware encoder ends at " + text(kLargest.width) + "×" + text(kLargest.height);
  }
  const double needed = macroblocksPerSecond(format);
  if (needed > kCapacity) {
    return "the hardware encoder does " + text(kCapacity) + " macroblocks a second, and " +
           text(needed) + " are needed";
  }
  return std::nullopt;
}

std::string refusal(int errnum) {
  switch (errnum) {
    case ENOMEM:
      return "The contiguous memory (CMA) is used up: choose a smaller picture, or raise cma= in "
             "/boot/firmware/config.txt.";
    case EPERM:
      return "The firmware has too little memory: raise gpu_mem in /boot/firmware/config.txt.";
    case ESRCH:
      return "The firmware refuses this size, frame rate or bitrate: lower one of them.";
    case EINTR:
      return "The firmware was interrupted: try again.";
    case EBUSY:
      return "Another program is using it: end that one.";
    default:
      return systemMessage("The driver says", errnum) + ".";
  }
}

}  // namespace pimon
