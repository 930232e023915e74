#include "record/interval_stats.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pimon {

namespace {

constexpr int kSignificantBits = 16;

}  // namespace

void IntervalStats::add(int64_t us) {
  const auto bits = static_cast<int>(std::bit_width(static_cast<uint64_t>(us)));
  const int excess = std::max(0, bits - kSignificantBits);
  ++counts_[(us >> excess) << excess];
  ++total_;
  maxUs_ = std::max(maxUs_, us);
}

int64_t IntervalStats::quantileUs(double quantile) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(quantile * static_cast<double>(total_)));
  uint64_t seen = 0;
  for (const auto& [us, count] : counts_) {
    seen += count;
    if (seen >= wanted) return us;
  }
  return 0;
}

}  // namespace pimon
