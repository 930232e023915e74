#pragma once

#include <cstdint>

namespace pimon {

// CLOCK_MONOTONIC now, in nanoseconds: the clock of every sensor timestamp.
int64_t monotonicNs();

// The UTC time, in microseconds since 1970, of an instant of CLOCK_MONOTONIC, by the two clocks
// as they stand at the call. A later call gives another answer once the wall clock has stepped:
// map a frame once, when it arrives.
int64_t wallUsAt(int64_t monotonicNs);

}  // namespace pimon
