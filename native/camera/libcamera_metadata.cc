#include "camera/libcamera_metadata.h"

#include <libcamera/control_ids.h>

#include <algorithm>
#include <optional>

#include "support/clock.h"

namespace pimon {

namespace {

namespace ids = libcamera::controls;

// A point in time in nanoseconds since 1970 is above this from 1973 on; in microseconds it is below
// until the year 5138.
constexpr int64_t kNanosecondsAreAbove = 100'000'000'000'000'000;

// By name, because it came with 0.5.1 and vendors have shipped it before.
std::optional<unsigned> frameWallClockId() {
  static const std::optional<unsigned> id = [] {
    const auto entry = std::find_if(ids::controls.begin(), ids::controls.end(), [](const auto& e) {
      return e.second->name() == "FrameWallClock";
    });
    return entry == ids::controls.end() ? std::nullopt : std::optional(entry->first);
  }();
  return id;
}

std::optional<int64_t> readWallUs(const libcamera::ControlList& metadata) {
  const std::optional<unsigned> id = frameWallClockId();
  if (!id || !metadata.contains(*id)) return std::nullopt;
  const auto value = metadata.get(*id).get<int64_t>();
  if (value <= 0) return std::nullopt;
  // Some builds of 0.5.1 give microseconds.
  return value > kNanosecondsAreAbove ? value / 1000 : value;
}

}  // namespace

FrameInfo readInfo(libcamera::Request& request, const libcamera::FrameBuffer& main) {
  const libcamera::ControlList& metadata = request.metadata();
  FrameInfo info;
  info.sensorNs =
      metadata.get(ids::SensorTimestamp).value_or(static_cast<int64_t>(main.metadata().timestamp));
  info.wallUs = readWallUs(metadata).value_or(wallUsAt(info.sensorNs));
  if (const auto exposure = metadata.get(ids::ExposureTime)) info.exposureUs = *exposure;
  if (const auto gain = metadata.get(ids::AnalogueGain)) info.gain = *gain;
  if (const auto gains = metadata.get(ids::ColourGains)) {
    info.colourGains = {(*gains)[0], (*gains)[1]};
  }
  if (const auto lens = metadata.get(ids::LensPosition)) info.lensPosition = *lens;
  return info;
}

int64_t readDurationNs(libcamera::Request& request) {
  const libcamera::ControlList& metadata = request.metadata();
  return metadata.get(ids::FrameDuration).value_or(0) * 1000;
}

}  // namespace pimon
