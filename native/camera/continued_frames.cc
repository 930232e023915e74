#include "camera/continued_frames.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pimon {

namespace {

// The same picture under another number; it gives the buffer back when it dies.
FramePtr renumbered(FramePtr frame, uint64_t sequence) {
  auto copy = std::make_unique<Frame>(*frame);
  copy->info.sequence = sequence;
  const auto release = [frame = std::move(frame)](const Frame* done) {
    std::default_delete<const Frame>()(done);
  };
  return {copy.release(), release};
}

}  // namespace

void ContinuedFrames::begin(double fps) {
  *this = ContinuedFrames();
  intervalNs_ = 1e9 / fps;
}

ContinuedFrames::Arrival ContinuedFrames::arrived(FramePtr frame) {
  Arrival arrival;
  const FrameInfo& info = frame->info;
  if (std::exchange(interrupted_, false) && last_) {
    const auto elapsed = static_cast<double>(info.sensorNs - last_->sensorNs);
    const auto between = std::max<int64_t>(std::llround(elapsed / intervalNs_) - 1, 0);
    const uint64_t frames = std::max(static_cast<uint64_t>(between), lost_);
    arrival.missed = frames - lost_;
    arrival.outage = {.frames = frames, .lastSensorNs = last_->sensorNs, .sensorNs = info.sensorNs};
    offset_ = last_->sequence + frames + 1 - info.sequence;
  }
  lost_ = 0;
  last_ = {.sequence = info.sequence + offset_, .sensorNs = info.sensorNs};
  arrival.frame = offset_ == 0 ? std::move(frame) : renumbered(std::move(frame), last_->sequence);
  return arrival;
}

}  // namespace pimon
