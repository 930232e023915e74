#include "record/packet_ring.h"

#include <doctest/doctest.h>

#include <thread>

#include "helpers/stub_packets.h"

namespace pimon {

namespace {

constexpr PacketRing::Limits kWide{.spanNs = 1'000'000'000'000, .bytes = 1 << 20};

Losses atWriter(uint64_t frames) {
  Losses losses;
  losses[Stage::Writer] = frames;
  return losses;
}

}  // namespace

TEST_SUITE("packet ring") {
  TEST_CASE("packets come out in order, with what was lost before them") {
    PacketRing ring(kWide);
    for (uint64_t i = 0; i < 5; ++i) ring.push(stubPacket(i, 30, atWriter(i)));
    ring.close();
    ring.push(stubPacket(5));
    for (uint64_t i = 0; i < 5; ++i) {
      const auto item = ring.pop();
      REQUIRE(item);
      CHECK(item->packet->info.sequence == i);
      CHECK(item->lostBefore.total() == i);
    }
    CHECK_FALSE(ring.pop());
    CHECK(ring.droppedAtEnd().total() == 0);
  }

  TEST_CASE("beyond its span it drops up to the next keyframe that fits, and says so there") {
    // Frames 0 … 15 span half a second.
    PacketRing ring({.spanNs = 500'000'000, .bytes = kWide.bytes});
    for (uint64_t i = 0; i <= 20; ++i) ring.push(stubPacket(i, 10));
    // 16 … 20 did not fit, nor did keyframe 20. Once there is room, only a keyframe goes in.
    for (uint64_t i = 0; i <= 15; ++i) CHECK(ring.pop()->packet->info.sequence == i);
    for (uint64_t i = 21; i <= 31; ++i) ring.push(stubPacket(i, 10));
    const auto next = ring.pop();
    CHECK(next->packet->info.sequence == 30);
    CHECK(next->lostBefore[Stage::Writer] == 14);
    CHECK(next->lostBefore.total() == 14);
    CHECK(ring.pop()->lostBefore.total() == 0);
  }

  TEST_CASE("beyond its bytes too, but one packet always fits") {
    PacketRing ring({.spanNs = kWide.spanNs, .bytes = 1000});
    ring.push(stubPacket(0, 1, {}, 5000));
    ring.push(stubPacket(1, 1, {}, 400));
    CHECK(ring.pop()->packet->info.sequence == 0);
    for (uint64_t i = 2; i < 6; ++i) ring.push(stubPacket(i, 1, {}, 400));
    const auto item = ring.pop();
    CHECK(item->packet->info.sequence == 2);
    CHECK(item->lostBefore[Stage::Writer] == 1);
    CHECK(ring.pop()->packet->info.sequence == 3);
    CHECK(ring.droppedAtEnd()[Stage::Writer] == 2);
  }

  TEST_CASE("what was lost before a dropped packet is not forgotten") {
    PacketRing ring({.spanNs = kWide.spanNs, .bytes = 1000});
    ring.push(stubPacket(0, 1, {}, 900));
    Losses before;
    before[Stage::Sensor] = 3;
    ring.push(stubPacket(4, 1, before, 400));
    CHECK(ring.droppedAtEnd()[Stage::Sensor] == 3);
    CHECK(ring.droppedAtEnd()[Stage::Writer] == 1);
  }

  TEST_CASE("a reader that waits is woken by a packet and by the end") {
    PacketRing ring(kWide);
    uint64_t taken = 0;
    std::thread reader([&] {
      while (ring.pop()) ++taken;
    });
    for (uint64_t i = 0; i < 200; ++i) ring.push(stubPacket(i));
    ring.close();
    reader.join();
    CHECK(taken == 200);
  }
}

}  // namespace pimon
