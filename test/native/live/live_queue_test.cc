#include "live/live_queue.h"

#include <doctest/doctest.h>

namespace pimon {

namespace {

LiveMessage message(MessageType type, bool key, size_t bytes = 100) {
  return {.type = type, .key = key, .bytes = std::vector<uint8_t>(bytes)};
}
LiveMessage init() { return message(MessageType::Mp4Init, false); }
LiveMessage key(size_t bytes = 100) { return message(MessageType::Mp4Fragment, true, bytes); }
LiveMessage other(size_t bytes = 100) { return message(MessageType::Mp4Fragment, false, bytes); }

}  // namespace

TEST_SUITE("live queue") {
  TEST_CASE("what fits comes out in order, all of it") {
    LiveQueue queue;
    queue.push(init());
    queue.push(key());
    for (size_t i = 2; i < LiveQueue::kMostMessages; ++i) queue.push(other());
    const std::deque<LiveMessage> taken = queue.take();
    REQUIRE(taken.size() == LiveQueue::kMostMessages);
    CHECK(taken[0].type == MessageType::Mp4Init);
    CHECK(taken[1].key);
    CHECK(queue.take().empty());
    CHECK(queue.dropped() == 0);
  }

  TEST_CASE("too many: all that waits goes, and it goes on with a keyframe; the init stays") {
    LiveQueue queue;
    queue.push(init());
    queue.push(key());
    for (size_t i = 2; i < LiveQueue::kMostMessages + 5; ++i) queue.push(other());
    CHECK(queue.dropped() == LiveQueue::kMostMessages + 4);
    queue.push(key());
    queue.push(other());
    const std::deque<LiveMessage> taken = queue.take();
    REQUIRE(taken.size() == 3);
    CHECK(taken[0].type == MessageType::Mp4Init);
    CHECK(taken[1].key);
    CHECK_FALSE(taken[2].key);
  }

  TEST_CASE("being emptied does not end a gap: only a keyframe does") {
    LiveQueue queue;
    queue.push(key());
    for (size_t i = 0; i < LiveQueue::kMostMessages; ++i) queue.push(other());
    CHECK(queue.take().empty());
    queue.push(other());
    CHECK(queue.take().empty());
    queue.push(key());
    queue.push(other());
    CHECK(queue.take().size() == 2);
    CHECK(queue.dropped() == LiveQueue::kMostMessages + 2);
  }

  TEST_CASE("bytes are bounded too, and one keyframe alone always fits") {
    LiveQueue queue;
    queue.push(key(LiveQueue::kMostBytes));
    queue.push(key(LiveQueue::kMostBytes + 1));
    const std::deque<LiveMessage> taken = queue.take();
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].bytes.size() == LiveQueue::kMostBytes + 1);
    CHECK(queue.dropped() == 1);
  }
}

}  // namespace pimon
