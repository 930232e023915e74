#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace pimon {

// Sees to it that a keyframe comes: the Pi's firmware may forget that it was asked for one, and
// lost frames stretch its GOP. Times are those of the frames, in microseconds.
class KeyframeRequest {
 public:
  // Any thread: the next frame shall be one.
  void request() { wanted_ = true; }

  void setGop(std::chrono::microseconds gop) { gopUs_ = gop.count(); }

  void reset(std::chrono::microseconds gop, double fps) {
    setGop(gop);
    frameUs_ = static_cast<int64_t>(1e6 / fps);
    askedUs_.reset();
    lastUs_.reset();
  }

  // Whether the device is to be asked, before the frame of that time goes in.
  bool isDue(int64_t frameUs) {
    if (wanted_.exchange(false)) {
      askedUs_ = againUs_ = frameUs;
    } else if (!askedUs_ && lastUs_ && frameUs - *lastUs_ > gopUs_ + kPatience * frameUs_) {
      askedUs_ = againUs_ = frameUs;
    }
    if (!askedUs_ || frameUs < againUs_) return false;
    againUs_ = frameUs + kPatience * frameUs_;
    return true;
  }

  // A keyframe came out.
  void came(int64_t frameUs) {
    lastUs_ = frameUs;
    if (askedUs_ && frameUs >= *askedUs_) askedUs_.reset();
  }

 private:
  static constexpr int kPatience = 3;  // frames

  std::atomic<bool> wanted_ = false;
  int64_t gopUs_ = 0;
  int64_t frameUs_ = 0;
  std::optional<int64_t> askedUs_;  // not yet answered
  int64_t againUs_ = 0;
  std::optional<int64_t> lastUs_;
};

}  // namespace pimon
