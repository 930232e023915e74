#include "camera/synthetic_exposure.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pimon {

namespace {

constexpr double kMinExposureUs = 100;
constexpr double kMaxExposureUs = 30'000;
constexpr double kMaxGain = 16;
// What the automatic sets in the scene's mean light, with a gain of 1.
constexpr double kMeanExposureUs = 10'000;
// The light's way up and down: its share and how long it takes.
constexpr double kSwing = 0.02;
constexpr double kSwingSeconds = 60;
// A doubling of the light, seen through the usual gamma.
constexpr double kStepsPerDoubling = 40;
constexpr int kMostSteps = 100;

double light(double seconds) {
  return 1 + kSwing * std::sin(2 * std::numbers::pi * seconds / kSwingSeconds);
}

}  // namespace

std::vector<ControlInfo> SyntheticExposure::controls() const {
  const std::lock_guard lock(mutex_);
  return {
      {.id = "AeEnable", .type = ControlType::Boolean, .defaultValue = true, .value = automatic_},
      {.id = "AnalogueGain",
       .type = ControlType::Number,
       .min = 1,
       .max = kMaxGain,
       .defaultValue = 1.0,
       .value = gain_,
       .unit = "×"},
      {.id = "ExposureTime",
       .type = ControlType::Integer,
       .min = kMinExposureUs,
       .max = kMaxExposureUs,
       .defaultValue = kMeanExposureUs,
       .value = exposureUs_,
       .unit = "µs"}};
}

void SyntheticExposure::set(const ControlValues& values) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, value] : values) {
    if (id == "AeEnable") automatic_ = std::get<bool>(value);
    if (id == "AnalogueGain") gain_ = std::get<double>(value);
    if (id == "ExposureTime") exposureUs_ = std::get<double>(value);
  }
}

SyntheticExposure::State SyntheticExposure::at(double seconds) const {
  const double wanted = kMeanExposureUs / light(seconds);
  const std::lock_guard lock(mutex_);
  if (automatic_) return {.exposureUs = wanted, .gain = 1, .steps = 0};
  const double doublings = std::log2(exposureUs_ * gain_ / wanted);
  const auto steps = static_cast<int>(std::lround(doublings * kStepsPerDoubling));
  return {.exposureUs = exposureUs_,
          .gain = gain_,
          .steps = std::clamp(steps, -kMostSteps, kMostSteps)};
}

}  // namespace pimon
