#include "pace.h"

#include <algorithm>
#include <mutex>

#include "faults.h"

namespace fakepi {

std::chrono::steady_clock::time_point bookBlock(int64_t macroblocks) {
  using std::chrono::steady_clock;
  constexpr int64_t perSecond = 245'760;
  static std::mutex mutex;
  static steady_clock::time_point free;
  std::lock_guard lock(mutex);
  const std::chrono::nanoseconds work(macroblocks * 1'000'000'000 / perSecond);
  free = std::max(free, steady_clock::now()) + scaled(work);
  return free;
}

}  // namespace fakepi
