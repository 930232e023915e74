#pragma once

#include <cstdint>
#include <optional>

namespace pimon {

// Numbers the frames of one session and finds those that the sensor made and nobody got.
//
// Two witnesses are heard: the camera's own sequence numbers, and sensor time, because some
// cameras (the Raspberry Pi's CSI receiver) number only what they deliver. A frame that both miss
// counts once.
class FrameLoss {
 public:
  struct Arrival {
    uint64_t sequence;  // 1 for the first frame; each lost frame leaves a gap
    int64_t sensorNs;   // later than the frame before
    uint64_t lost;      // frames lost between the frame before and this one
  };

  // `cameraSequence` may wrap around. `durationNs` is what one frame takes, or 0 where that is
  // not known: then only the sequence is heard.
  Arrival arrived(uint32_t cameraSequence, int64_t sensorNs, int64_t durationNs);

 private:
  struct Last {
    uint32_t cameraSequence;
    uint64_t sequence;
    int64_t sensorNs;
  };
  std::optional<Last> last_;
};

}  // namespace pimon
