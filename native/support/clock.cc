#include "support/clock.h"

#include <ctime>

namespace pimon {

namespace {

int64_t nowNs(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int64_t monotonicNs() { return nowNs(CLOCK_MONOTONIC); }

int64_t wallUsAt(int64_t instantNs) {
  // Halfway between two monotonic readings the wall clock was read, to within their distance.
  const int64_t before = monotonicNs();
  const int64_t wallNs = nowNs(CLOCK_REALTIME);
  const int64_t after = monotonicNs();
  const int64_t betweenNs = before + (after - before) / 2;
  return (wallNs + (instantNs - betweenNs)) / 1000;
}

}  // namespace pimon
