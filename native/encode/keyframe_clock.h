#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace pimon {

// Says which frames become keyframes: the first, those asked for, and one every GOP by sensor
// time, so that lost frames do not stretch it.
class KeyframeClock {
 public:
  KeyframeClock(std::chrono::nanoseconds gop, double fps)
      : gopNs_(gop.count()), halfFrameNs_(static_cast<int64_t>(0.5e9 / fps)) {}

  // Any thread.
  void request() { requested_ = true; }
  void setGop(std::chrono::nanoseconds gop) { gopNs_ = gop.count(); }

  // Once for each frame, in their order.
  bool isDue(int64_t sensorNs) {
    const bool asked = requested_.exchange(false);
    const bool due = !lastNs_ || sensorNs - *lastNs_ >= gopNs_ - halfFrameNs_;
    if (asked || due) lastNs_ = sensorNs;
    return asked || due;
  }

 private:
  std::atomic<int64_t> gopNs_;
  int64_t halfFrameNs_;
  std::optional<int64_t> lastNs_;
  std::atomic<bool> requested_ = false;
};

}  // namespace pimon
