#pragma once

#include <cstdint>
#include <optional>

namespace pimon {

// What the kernel knows of the wall clock from the program that disciplines it (chrony,
// systemd-timesyncd, ntpd, ptp4l …), which tells it by adjtimex(2).
struct NtpClock {
  bool synchronised = false;
  int64_t maxErrorUs = 0;  // grows by 500 µs a second between two corrections
  int64_t estimatedErrorUs = 0;
};

// Needs no privilege and never blocks; none where the kernel refuses to tell.
std::optional<NtpClock> readNtpClock();

// The two clocks read at one instant.
struct ClockPair {
  int64_t monotonicNs = 0;
  int64_t wallUs = 0;    // UTC since 1970
  int64_t spreadNs = 0;  // the two readings lie at most half of this apart
};

// The narrowest of a few attempts, as a thread may be interrupted between two readings.
ClockPair readClockPair();

}  // namespace pimon
