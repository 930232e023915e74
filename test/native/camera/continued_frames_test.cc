#include "camera/continued_frames.h"

#include <doctest/doctest.h>

namespace pimon {

namespace {

constexpr int64_t kFrameNs = 40'000'000;

FramePtr frameAt(uint64_t sequence, int64_t sensorNs) {
  auto frame = std::make_shared<Frame>();
  frame->info.sequence = sequence;
  frame->info.sensorNs = sensorNs;
  return frame;
}

}  // namespace

TEST_SUITE("frames over a restart of the camera") {
  TEST_CASE("a camera that is left alone is left as it is") {
    ContinuedFrames continued;
    continued.begin(25);
    for (uint64_t i = 1; i < 5; ++i) {
      const FramePtr frame = frameAt(i, static_cast<int64_t>(i) * kFrameNs);
      const auto arrival = continued.arrived(frame);
      CHECK(arrival.frame == frame);
      CHECK(arrival.missed == 0);
      CHECK_FALSE(arrival.outage);
    }
  }

  TEST_CASE("numbers go on, and what the sensor would have made is missed") {
    ContinuedFrames continued;
    continued.begin(25);
    continued.arrived(frameAt(7, 7 * kFrameNs));
    continued.interrupt();
    const auto arrival = continued.arrived(frameAt(1, 107 * kFrameNs + kFrameNs / 3));
    CHECK(arrival.missed == 99);
    REQUIRE(arrival.outage);
    CHECK(arrival.outage->frames == 99);
    CHECK(arrival.outage->lastSensorNs == 7 * kFrameNs);
    CHECK(arrival.frame->info.sequence == 107);
    const auto next = continued.arrived(frameAt(3, 109 * kFrameNs));
    CHECK(next.frame->info.sequence == 109);
    CHECK(next.missed == 0);
    CHECK_FALSE(next.outage);
  }

  TEST_CASE("what the source told of is not missed twice") {
    ContinuedFrames continued;
    continued.begin(25);
    continued.arrived(frameAt(1, kFrameNs));
    continued.lost(4);
    continued.interrupt();
    const auto arrival = continued.arrived(frameAt(1, 11 * kFrameNs));
    CHECK(arrival.missed == 5);
    CHECK(arrival.outage->frames == 9);
    CHECK(arrival.frame->info.sequence == 11);
  }

  TEST_CASE("before a first frame, and after another beginning, nothing continues") {
    ContinuedFrames continued;
    continued.begin(25);
    continued.interrupt();
    CHECK_FALSE(continued.arrived(frameAt(1, kFrameNs)).outage);
    continued.begin(25);
    CHECK(continued.arrived(frameAt(1, 100 * kFrameNs)).frame->info.sequence == 1);
  }

  TEST_CASE("a renumbered frame keeps its buffer out until it dies") {
    ContinuedFrames continued;
    continued.begin(25);
    continued.arrived(frameAt(5, kFrameNs));
    continued.interrupt();
    FramePtr frame = frameAt(1, 2 * kFrameNs);
    const std::weak_ptr<const Frame> buffer = frame;
    auto arrival = continued.arrived(std::move(frame));
    CHECK(arrival.frame->info.sequence == 6);
    CHECK_FALSE(buffer.expired());
    arrival.frame.reset();
    CHECK(buffer.expired());
  }
}

}  // namespace pimon
