#include "live/live_queue.h"

#include <optional>
#include <utility>

namespace pimon {

void LiveQueue::push(LiveMessage message) {
  const bool fits = messages_.size() < kMostMessages && bytes_ + message.bytes.size() <= kMostBytes;
  if (!fits) dropAll();
  if (message.type == MessageType::Mp4Fragment) {
    dropping_ = (dropping_ || !fits) && !message.key;
    if (dropping_) {
      ++dropped_;
      return;
    }
  }
  bytes_ += message.bytes.size();
  messages_.push_back(std::move(message));
}

std::deque<LiveMessage> LiveQueue::take() {
  bytes_ = 0;
  return std::exchange(messages_, {});
}

// But for the newest init: the keyframe that ends the gap needs it.
void LiveQueue::dropAll() {
  std::optional<LiveMessage> init;
  for (LiveMessage& message : take()) {
    if (message.type == MessageType::Mp4Init) {
      init = std::move(message);
    } else {
      ++dropped_;
    }
  }
  dropping_ = true;
  if (!init) return;
  bytes_ = init->bytes.size();
  messages_.push_back(std::move(*init));
}

}  // namespace pimon
