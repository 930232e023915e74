// Asking the Pi's firmware for keyframes until one comes.
#include "encode/keyframe_request.h"

#include <doctest/doctest.h>

#include <vector>

namespace pimon {

namespace {

constexpr int64_t kFrameUs = 33'333;

struct Frames {
  Frames() { request.reset(std::chrono::seconds(1), 30); }
  bool askedBefore(int frame) { return request.isDue(frame * kFrameUs); }
  void came(int frame, bool key) { request.came(frame * kFrameUs, key); }
  KeyframeRequest request;
};

}  // namespace

TEST_SUITE("keyframe request") {
  TEST_CASE("without a request nothing is asked") {
    Frames frames;
    for (int i = 0; i < 100; ++i) {
      CHECK_FALSE(frames.askedBefore(i));
      frames.came(i, i % 30 == 0);
    }
  }

  TEST_CASE("a request is passed on with the next frame, once, if it is answered") {
    Frames frames;
    frames.request.request();
    CHECK(frames.askedBefore(5));
    for (int i = 6; i < 9; ++i) CHECK_FALSE(frames.askedBefore(i));  // four in the device
    for (int i = 5; i < 20; ++i) {
      frames.came(i, i == 6);  // the device may take a frame to hear of it
      CHECK_FALSE(frames.askedBefore(i + 4));
    }
  }

  TEST_CASE(
      "it is repeated when three pictures have come that should have "
      "been one") {
    Frames frames;
    frames.request.request();
    std::vector<int> asked;
    for (int i = 0; i < 10; ++i) {
      if (frames.askedBefore(i)) asked.push_back(i);
      frames.came(i, false);
    }
    CHECK(asked == std::vector<int>{0, 3, 6, 9});
  }

  TEST_CASE("a keyframe of a frame that was in the device already is an answer") {
    Frames frames;
    frames.request.request();
    CHECK(frames.askedBefore(5));
    frames.came(4, true);
    for (int i = 5; i < 12; ++i) {
      frames.came(i, false);
      CHECK_FALSE(frames.askedBefore(i + 1));
    }
  }

  TEST_CASE("a keyframe that is overdue is asked for") {
    Frames frames;
    frames.came(0, true);
    int first = 0;
    while (!frames.askedBefore(first)) ++first;
    CHECK(first > 30);
    CHECK(first <= 33);
  }
}

}  // namespace pimon
