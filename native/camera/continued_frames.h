#pragma once

#include <cstdint>
#include <optional>

#include "camera/frame.h"

namespace pimon {

// Lets the frames of a camera that is stopped and started again go on as if it had not been: each
// run of a source numbers from 1, here the numbers continue, and what the sensor would have made
// meanwhile is counted by its own time. Not thread-safe.
class ContinuedFrames {
 public:
  // The time a camera was away, as its first frame after it tells.
  struct Outage {
    uint64_t frames = 0;  // that nobody got
    int64_t lastSensorNs = 0;
    int64_t sensorNs = 0;  // of the first frame after it
  };
  struct Arrival {
    FramePtr frame;
    uint64_t missed = 0;  // before it, and not told by the source
    std::optional<Outage> outage;
  };

  // Another camera, or another format: nothing continues.
  void begin(double fps);
  // The source was stopped; it will be started again.
  void interrupt() { interrupted_ = true; }
  // The source told of frames that were lost.
  void lost(uint64_t frames) { lost_ += frames; }
  Arrival arrived(FramePtr frame);

 private:
  struct Last {
    uint64_t sequence;
    int64_t sensorNs;
  };

  double intervalNs_ = 0;
  std::optional<Last> last_;
  bool interrupted_ = false;
  uint64_t lost_ = 0;    // since the last frame
  uint64_t offset_ = 0;  // between the source's numbers and these, modulo 2^64
};

}  // namespace pimon
