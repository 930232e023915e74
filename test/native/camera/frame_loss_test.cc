#include "camera/frame_loss.h"

#include <doctest/doctest.h>

namespace pimon {

namespace {

constexpr int64_t kFrameNs = 33'333'333;

}  // namespace

TEST_SUITE("lost sensor frames") {
  TEST_CASE("frames that follow each other lose nothing, whatever number they begin with") {
    FrameLoss loss;
    for (uint32_t i = 0; i < 10; ++i) {
      const auto arrival = loss.arrived(900 + i, i * kFrameNs, kFrameNs);
      CHECK(arrival.sequence == i + 1);
      CHECK(arrival.lost == 0);
      CHECK(arrival.sensorNs == i * kFrameNs);
    }
  }

  TEST_CASE("a gap is found by sequence, by time, and by both only once") {
    struct {
      uint32_t sequence;
      int64_t frames;  // of time
      uint64_t lost;
    } const cases[] = {{13, 1, 2}, {11, 3, 2}, {13, 3, 2}, {12, 4, 3}, {11, 1, 0}};
    for (const auto& [sequence, frames, lost] : cases) {
      FrameLoss loss;
      loss.arrived(10, 0, kFrameNs);
      const auto arrival = loss.arrived(sequence, frames * kFrameNs, kFrameNs);
      CHECK(arrival.lost == lost);
      CHECK(arrival.sequence == 2 + lost);
    }
  }

  TEST_CASE("half a frame of jitter is no loss, more is") {
    FrameLoss loss;
    loss.arrived(0, 0, kFrameNs);
    CHECK(loss.arrived(1, kFrameNs * 3 / 2, kFrameNs).lost == 0);
    CHECK(loss.arrived(2, kFrameNs * 3 + kFrameNs / 10, kFrameNs).lost == 1);
  }

  TEST_CASE("where the duration is not known only the sequence is heard") {
    FrameLoss loss;
    loss.arrived(0, 0, 0);
    CHECK(loss.arrived(1, 10 * kFrameNs, 0).lost == 0);
    CHECK(loss.arrived(5, 11 * kFrameNs, 0).lost == 3);
  }

  TEST_CASE("numbers wrap around, and one that starts anew is no loss") {
    FrameLoss loss;
    loss.arrived(UINT32_MAX, 0, kFrameNs);
    CHECK(loss.arrived(1, 2 * kFrameNs, kFrameNs).lost == 1);
    CHECK(loss.arrived(0, 3 * kFrameNs, kFrameNs).lost == 0);
    CHECK(loss.arrived(1, 4 * kFrameNs, kFrameNs).lost == 0);
  }

  TEST_CASE("time that stands still or goes back is made to go on") {
    FrameLoss loss;
    loss.arrived(0, 1000, kFrameNs);
    CHECK(loss.arrived(1, 1000, kFrameNs).sensorNs == 1001);
    CHECK(loss.arrived(2, 500, kFrameNs).sensorNs == 1002);
  }
}

}  // namespace pimon
