#pragma once

#include <cstdint>
#include <map>

namespace pimon {

// The distances between frames. Exact below 65 ms, to 1 part in 32 768 above, so that a month of
// recording needs no more memory than a minute.
class IntervalStats {
 public:
  void add(int64_t us);
  // The interval that the share `quantile` (0 … 1) of all does not exceed; 0 without any.
  int64_t quantileUs(double quantile) const;
  int64_t maxUs() const { return maxUs_; }

 private:
  std::map<int64_t, uint64_t> counts_;  // by rounded interval
  uint64_t total_ = 0;
  int64_t maxUs_ = 0;
};

}  // namespace pimon
