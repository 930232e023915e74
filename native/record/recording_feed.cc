#include "record/recording_feed.h"

#include <algorithm>

namespace pimon {

void RecordingFeed::push(const PacketPtr& packet) {
  const uint64_t sequence = packet->info.sequence;
  {
    const std::lock_guard lock(mutex_);
    if (end_ && sequence > *end_) {
      if (!lost_) lost_ = lostUpToEnd(packet->lostBefore);
    } else {
      newest_ = sequence;
      recorder_->push(packet);
    }
  }
  changed_.notify_all();
}

void RecordingFeed::endAfter(uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  end_ = sequence;
}

Losses RecordingFeed::waitForEnd(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const auto done = [this] { return lost_ || (newest_ && *newest_ >= *end_); };
  if (changed_.wait_for(lock, limit, done)) return lost_.value_or(Losses{});
  Losses stuck;
  stuck[Stage::Encoder] = newest_ ? *end_ - *newest_ : 0;
  return stuck;
}

// Of what was lost before the first packet that is not the recording's: as many as are missing up
// to the end, whose frame was the encoder's.
Losses RecordingFeed::lostUpToEnd(const Losses& lost) const {
  Losses within;
  if (!newest_) return within;
  uint64_t left = *end_ - *newest_;
  for (const Stage stage : {Stage::Encoder, Stage::Source, Stage::Sensor}) {
    within[stage] = std::min(lost[stage], left);
    left -= within[stage];
  }
  return within;
}

}  // namespace pimon
