#include "helpers/frame_log.h"

#include <doctest/doctest.h>

#include <utility>

namespace pimon {

uint64_t lumaSum(const Picture& picture) {
  uint64_t sum = 0;
  for (int y = 0; y < picture.height; ++y) {
    const uint8_t* row =
        picture.planes[0].data + static_cast<ptrdiff_t>(y) * picture.planes[0].stride;
    for (int x = 0; x < picture.width; ++x) sum = sum * 31 + row[x];
  }
  return sum;
}

void FrameLog::onFrame(FramePtr frame) noexcept {
  Entry entry{.info = frame->info,
              .bufferIndex = frame->bufferIndex,
              .stamp = readStamp(frame->main.planes[0], frame->main.width),
              .lumaSum = lumaSum(frame->main),
              .lostBefore = {}};
  const std::lock_guard lock(mutex_);
  ++calls_;
  entry.lostBefore = std::exchange(sinceFrame_, {});
  entries_.push_back(entry);
  if (holding_) held_.push_back(std::move(frame));
}

void FrameLog::onLost(Stage stage, uint64_t frames) noexcept {
  const std::lock_guard lock(mutex_);
  ++calls_;
  losses_[stage] += frames;
  sinceFrame_[stage] += frames;
}

void FrameLog::onSourceError(const Error& error) noexcept {
  const std::lock_guard lock(mutex_);
  ++calls_;
  error_ = error;
}

void FrameLog::hold() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
}

std::vector<FramePtr> FrameLog::release() {
  const std::lock_guard lock(mutex_);
  holding_ = false;
  return std::exchange(held_, {});
}

std::vector<FrameLog::Entry> FrameLog::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

size_t FrameLog::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

size_t FrameLog::held() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

Losses FrameLog::losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

size_t FrameLog::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::optional<Error> FrameLog::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

void checkAccount(const std::vector<FrameLog::Entry>& entries) {
  for (size_t i = 1; i < entries.size(); ++i) {
    const FrameLog::Entry& before = entries[i - 1];
    const FrameLog::Entry& now = entries[i];
    CHECK(now.info.sequence > before.info.sequence);
    CHECK(now.info.sensorNs > before.info.sensorNs);
    CHECK(now.info.sequence - before.info.sequence - 1 == now.lostBefore.total());
  }
}

}  // namespace pimon
