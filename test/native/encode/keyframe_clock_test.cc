#include "encode/keyframe_clock.h"

#include <doctest/doctest.h>

#include <vector>

namespace pimon {

namespace {

constexpr int64_t kFrameNs = 33'333'333;

std::vector<int> dueOf(KeyframeClock& clock, int frames, int64_t jitterNs) {
  std::vector<int> due;
  for (int i = 0; i < frames; ++i) {
    if (clock.isDue(i * kFrameNs + (i % 2 == 0 ? jitterNs : -jitterNs))) due.push_back(i);
  }
  return due;
}

}  // namespace

TEST_SUITE("keyframe clock") {
  TEST_CASE("the first frame is due, then one every GOP, whatever the jitter") {
    for (const int64_t jitterNs : {0, 3'000'000}) {
      KeyframeClock clock(std::chrono::seconds(1), 30);
      CHECK(dueOf(clock, 91, jitterNs) == std::vector<int>{0, 30, 60, 90});
    }
  }

  TEST_CASE("a request is met by the next frame, once, and the GOP counts from there") {
    KeyframeClock clock(std::chrono::milliseconds(500), 30);
    CHECK(clock.isDue(0));
    CHECK_FALSE(clock.isDue(kFrameNs));
    clock.request();
    clock.request();
    CHECK(clock.isDue(2 * kFrameNs));
    CHECK_FALSE(clock.isDue(3 * kFrameNs));
    CHECK_FALSE(clock.isDue(15 * kFrameNs));
    CHECK(clock.isDue(17 * kFrameNs));
  }

  TEST_CASE("lost frames do not stretch the GOP") {
    KeyframeClock clock(std::chrono::seconds(1), 30);
    CHECK(clock.isDue(0));
    CHECK_FALSE(clock.isDue(10 * kFrameNs));
    CHECK(clock.isDue(40 * kFrameNs));
  }
}

}  // namespace pimon
