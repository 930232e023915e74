#pragma once

#include <mutex>
#include <vector>

#include "camera/control.h"
#include "camera/frame.h"

namespace pimon {

// The exposure of a sensor that does not exist, so that locking it can be tried without a camera:
// the scene's light rises and falls a little, the automatic follows it, and what is set by hand
// makes the picture brighter or darker. Any thread.
class SyntheticExposure {
 public:
  struct State {
    double exposureUs;
    double gain;
    // Luma steps by which the picture is brighter than the automatic would have it.
    int steps;
  };

  std::vector<ControlInfo> controls() const;
  // Those of `values` that are its own; they have been checked.
  void set(const ControlValues& values);
  // As it is `seconds` after the beginning of the scene.
  State at(double seconds) const;

 private:
  mutable std::mutex mutex_;
  bool automatic_ = true;
  double exposureUs_ = 10'000;
  double gain_ = 1;
};

}  // namespace pimon
