#include "camera/frame_loss.h"

#include <algorithm>

namespace pimon {

namespace {

// A number that does not go forward comes from a camera that started counting anew: no witness.
uint64_t missingBySequence(uint32_t before, uint32_t now) {
  const auto step = static_cast<int32_t>(now - before);
  return step > 0 ? static_cast<uint64_t>(step) - 1 : 0;
}

// Frames come up to half a frame late without one missing between them.
uint64_t missingByTime(int64_t elapsedNs, int64_t durationNs) {
  if (durationNs <= 0 || 2 * elapsedNs <= 3 * durationNs) return 0;
  return static_cast<uint64_t>((elapsedNs + durationNs / 2) / durationNs) - 1;
}

}  // namespace

FrameLoss::Arrival FrameLoss::arrived(uint32_t cameraSequence, int64_t sensorNs,
                                      int64_t durationNs) {
  Arrival arrival{.sequence = 1, .sensorNs = sensorNs, .lost = 0};
  if (last_) {
    arrival.lost = std::max(missingBySequence(last_->cameraSequence, cameraSequence),
                            missingByTime(sensorNs - last_->sensorNs, durationNs));
    arrival.sequence = last_->sequence + arrival.lost + 1;
    arrival.sensorNs = std::max(sensorNs, last_->sensorNs + 1);
  }
  last_ = {
      .cameraSequence = cameraSequence, .sequence = arrival.sequence, .sensorNs = arrival.sensorNs};
  return arrival;
}

}  // namespace pimon
