#include "firmware_limits.h"

#include <array>
#include <cerrno>
#include <string>

#include "faults.h"

namespace fakepi {

namespace {

// ITU-T H.264 table A-1: macroblocks per second, macroblocks, kb/s. By the V4L2 level.
struct Level {
  int idc;
  int64_t macroblocksPerSecond;
  int64_t macroblocks;
  int64_t kilobitsPerSecond;
};
constexpr std::array levels{
    Level{10, 1485, 99, 64},          Level{9, 1485, 99, 128},
    Level{11, 3000, 396, 192},        Level{12, 6000, 396, 384},
    Level{13, 11880, 396, 768},       Level{20, 11880, 396, 2000},
    Level{21, 19800, 792, 4000},      Level{22, 20250, 1620, 4000},
    Level{30, 40500, 1620, 10000},    Level{31, 108000, 3600, 14000},
    Level{32, 216000, 5120, 20000},   Level{40, 245760, 8192, 20000},
    Level{41, 245760, 8192, 50000},   Level{42, 522240, 8704, 50000},
    Level{50, 589824, 22080, 135000}, Level{51, 983040, 36864, 240000},
};

// FAKEPI_REFUSE=EPERM or EINTR:3 (the first three times).
int forcedRefusal() {
  const auto wanted = text(Fault::Refuse);
  if (!wanted) return 0;
  const size_t colon = wanted->find(':');
  const std::string name = wanted->substr(0, colon);
  if (colon != std::string::npos) {
    const int left = std::stoi(wanted->substr(colon + 1));
    setFault("REFUSE", left > 1 ? (name + ":" + std::to_string(left - 1)).c_str() : nullptr);
  }
  if (name == "EPERM") return EPERM;
  if (name == "EINTR") return EINTR;
  return ESRCH;
}

}  // namespace

int64_t macroblocks(uint32_t width, uint32_t height) {
  return static_cast<int64_t>((width + 15) / 16) * ((height + 15) / 16);
}

int levelIdc(int32_t level) { return levels.at(level).idc; }

int startRefusal(const Formats& formats, const Controls& controls) {
  if (const int forced = forcedRefusal()) return forced;
  if (!formats.strideIsAligned()) return ESRCH;
  if (formats.coded().pixelformat != V4L2_PIX_FMT_H264) return 0;

  const bool constantRate =
      controls.value(V4L2_CID_MPEG_VIDEO_BITRATE_MODE) == V4L2_MPEG_VIDEO_BITRATE_MODE_CBR;
  const bool high =
      controls.value(V4L2_CID_MPEG_VIDEO_H264_PROFILE) == V4L2_MPEG_VIDEO_H264_PROFILE_HIGH;
  if (constantRate && high) return ESRCH;

  const Level& level = levels.at(controls.value(V4L2_CID_MPEG_VIDEO_H264_LEVEL));
  const int64_t blocks = macroblocks(formats.raw().width, formats.raw().height);
  const v4l2_fract period = formats.timePerFrame();
  if (blocks > level.macroblocks) return ESRCH;
  if (blocks * period.denominator > level.macroblocksPerSecond * period.numerator) return ESRCH;
  if (controls.value(V4L2_CID_MPEG_VIDEO_BITRATE) > level.kilobitsPerSecond * 1000) return ESRCH;
  return 0;
}

}  // namespace fakepi
