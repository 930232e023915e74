#include "support/ntp_clock.h"

#include <sys/timex.h>

#include <ctime>

#include "support/clock.h"

namespace pimon {

namespace {

constexpr int kAttempts = 3;

int64_t wallNs() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

std::optional<NtpClock> readNtpClock() {
  timex state{};  // modes = 0: only asks
  const int result = ::adjtimex(&state);
  if (result < 0) return std::nullopt;
  return NtpClock{.synchronised = result != TIME_ERROR && (state.status & STA_UNSYNC) == 0,
                  .maxErrorUs = state.maxerror,
                  .estimatedErrorUs = state.esterror};
}

ClockPair readClockPair() {
  ClockPair best;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const int64_t before = monotonicNs();
    const int64_t wall = wallNs();
    const int64_t spread = monotonicNs() - before;
    if (attempt > 0 && spread >= best.spreadNs) continue;
    best = {.monotonicNs = before + spread / 2, .wallUs = wall / 1000, .spreadNs = spread};
  }
  return best;
}

}  // namespace pimon
