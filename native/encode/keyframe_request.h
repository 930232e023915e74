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
  // Any thread: a keyframe is wanted soon.
  void request() { wanted_ = true; }

  void setGop(std::chrono::microseconds gop) { gopUs_ = gop.count(); }

  void reset(std::chrono::microseconds gop, double fps) {
    setGop(gop);
    patienceUs_ = static_cast<int64_t>(kPatience * 1e6 / fps);
    askedUs_.reset();
    lastUs_.reset();
  }

  // Whether the device is to be asked, before the frame of that time goes in.
  bool isDue(int64_t frameUs) {
    const bool overdue = lastUs_ && frameUs - *lastUs_ > gopUs_ + patienceUs_;
    if (!wanted_.exchange(false) && (askedUs_ || !overdue)) return false;
    askedUs_ = frameUs;
    return true;
  }

  // A picture came out. A request is answered by whatever keyframe comes next, as the device may
  // apply it to a frame that it has already; one that three pictures did not answer is lost.
  void came(int64_t frameUs, bool key) {
    if (key) {
      lastUs_ = frameUs;
      askedUs_.reset();
    } else if (askedUs_ && frameUs - *askedUs_ >= patienceUs_) {
      wanted_ = true;
    }
  }

 private:
  // Frames, counted from the one that was asked for: the third without a keyframe is half a frame
  // more than this away.
  static constexpr double kPatience = 1.5;

  std::atomic<bool> wanted_ = false;
  int64_t gopUs_ = 0;
  int64_t patienceUs_ = 0;
  std::optional<int64_t> askedUs_;  // not yet answered
  std::optional<int64_t> lastUs_;   // the last keyframe's
};

}  // namespace pimon
