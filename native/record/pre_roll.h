#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "encode/encoder.h"

namespace pimon {

// The newest packets, so that a recording can begin before it was asked for: from a keyframe on, at
// least `spanNs` of sensor time once so much has passed, and a GOP more at most.
class PreRoll {
 public:
  explicit PreRoll(int64_t spanNs) : spanNs_(spanNs) {}

  void add(PacketPtr packet);
  // All of them; it is empty then.
  std::deque<PacketPtr> take();

 private:
  void dropGop();

  int64_t spanNs_;
  std::deque<PacketPtr> packets_;  // the first is a keyframe
  std::deque<int64_t> keysNs_;     // sensor times of the keyframes among them
  size_t bytes_ = 0;
};

}  // namespace pimon
