#include "camera/libcamera_versions.h"

#include <libcamera/version.h>

#define PIMON_LIBCAMERA_AT_LEAST(major, minor) \
  (LIBCAMERA_VERSION_MAJOR > (major) ||        \
   (LIBCAMERA_VERSION_MAJOR == (major) && LIBCAMERA_VERSION_MINOR >= (minor)))

#if !PIMON_LIBCAMERA_AT_LEAST(0, 4)
#include <libcamera/base/span.h>
#include <libcamera/control_ids.h>
#endif

namespace pimon {

#if PIMON_LIBCAMERA_AT_LEAST(0, 4)

const std::map<int32_t, std::string>& enumeratorsOf(const libcamera::ControlId& id) {
  return id.enumerators();
}

size_t arrayLengthOf(const libcamera::ControlId& id) { return id.size(); }

#else

// Up to 0.3 a control does not know these about itself.

namespace {

using Names = std::map<int32_t, std::string>;

Names reversed(const std::map<std::string, int32_t>& values) {
  Names names;
  for (const auto& [name, value] : values) names.emplace(value, name);
  return names;
}

std::map<unsigned, Names> knownEnumerations() {
  namespace ids = libcamera::controls;
  return {
      {ids::AE_METERING_MODE, reversed(ids::AeMeteringModeNameValueMap)},
      {ids::AE_CONSTRAINT_MODE, reversed(ids::AeConstraintModeNameValueMap)},
      {ids::AE_EXPOSURE_MODE, reversed(ids::AeExposureModeNameValueMap)},
      {ids::AE_FLICKER_MODE, reversed(ids::AeFlickerModeNameValueMap)},
      {ids::AWB_MODE, reversed(ids::AwbModeNameValueMap)},
      {ids::AF_MODE, reversed(ids::AfModeNameValueMap)},
      {ids::AF_RANGE, reversed(ids::AfRangeNameValueMap)},
      {ids::AF_SPEED, reversed(ids::AfSpeedNameValueMap)},
      {ids::AF_METERING, reversed(ids::AfMeteringNameValueMap)},
      {ids::AF_TRIGGER, reversed(ids::AfTriggerNameValueMap)},
      {ids::AF_PAUSE, reversed(ids::AfPauseNameValueMap)},
      {ids::HDR_MODE, reversed(ids::HdrModeNameValueMap)},
      {ids::draft::NOISE_REDUCTION_MODE, reversed(ids::draft::NoiseReductionModeNameValueMap)},
      {ids::draft::TEST_PATTERN_MODE, reversed(ids::draft::TestPatternModeNameValueMap)},
  };
}

}  // namespace

const std::map<int32_t, std::string>& enumeratorsOf(const libcamera::ControlId& id) {
  static const std::map<unsigned, Names> known = knownEnumerations();
  static const Names none;
  const auto entry = known.find(id.id());
  return entry == known.end() ? none : entry->second;
}

size_t arrayLengthOf(const libcamera::ControlId& id) {
  namespace ids = libcamera::controls;
  switch (id.id()) {
    case ids::COLOUR_GAINS:
    case ids::FRAME_DURATION_LIMITS:
      return 2;
    case ids::SENSOR_BLACK_LEVELS:
      return 4;
    case ids::COLOUR_CORRECTION_MATRIX:
      return 9;
    case ids::AF_WINDOWS:
      return libcamera::dynamic_extent;
    default:
      return 0;
  }
}

#endif

}  // namespace pimon
