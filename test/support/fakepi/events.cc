#include "events.h"

#include <time.h>

#include <cerrno>

namespace fakepi {

int Events::subscribe(const v4l2_event_subscription& subscription) {
  // The driver takes it from any of its nodes; on an encoder it never comes.
  if (subscription.type == V4L2_EVENT_SOURCE_CHANGE) return 0;
  if (subscription.type != V4L2_EVENT_EOS) return EINVAL;
  endOfStream_ = true;
  return 0;
}

int Events::unsubscribe(const v4l2_event_subscription& subscription) {
  if (subscription.type == V4L2_EVENT_EOS || subscription.type == V4L2_EVENT_ALL) {
    endOfStream_ = false;
    waiting_.clear();
  }
  return 0;
}

void Events::reportEndOfStream() {
  if (!endOfStream_) return;
  v4l2_event event{};
  event.type = V4L2_EVENT_EOS;
  event.sequence = sequence_++;
  clock_gettime(CLOCK_MONOTONIC, &event.timestamp);
  waiting_.push_back(event);
}

int Events::take(v4l2_event& event) {
  if (waiting_.empty()) return ENOENT;
  event = waiting_.front();
  waiting_.pop_front();
  event.pending = static_cast<uint32_t>(waiting_.size());
  return 0;
}

}  // namespace fakepi
