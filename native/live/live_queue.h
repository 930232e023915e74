#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "live/live_muxer.h"

namespace pimon {

// Live video on its way to JavaScript. A fragment builds on those before it, so that the newest
// alone will not do: all are kept, up to a limit. Beyond it what waits is old: it goes, and nothing
// follows it up to the next keyframe. Not thread-safe.
class LiveQueue {
 public:
  // Two seconds, and some of the largest keyframes.
  static constexpr size_t kMostMessages = 64;
  static constexpr size_t kMostBytes = size_t{8} << 20;

  void push(LiveMessage message);
  std::deque<LiveMessage> take();
  // Fragments, ever.
  uint64_t dropped() const { return dropped_; }

 private:
  void dropAll();

  std::deque<LiveMessage> messages_;
  size_t bytes_ = 0;
  bool dropping_ = false;
  uint64_t dropped_ = 0;
};

}  // namespace pimon
