// What every encoder owes (encode/encoder.h) about the frames it holds: full, draining, stopped.
#include <doctest/doctest.h>

#include <thread>

#include "helpers/encoded.h"
#include "helpers/eventually.h"
#include "helpers/packet_log.h"

namespace pimon {

namespace {

constexpr Size kSize{320, 180};
constexpr double kFps = 30;
constexpr std::chrono::seconds kLong{30};

Losses losses(Stage stage, uint64_t frames) {
  Losses losses;
  losses[stage] = frames;
  return losses;
}

// Submits until the encoder is full, or some frames have been taken; returns how many.
uint64_t fill(Encoder& encoder, Painter& painter, const Losses& lostBefore = {}) {
  constexpr uint64_t kEnough = 20;
  uint64_t taken = 0;
  while (taken < kEnough && encoder.submit(painter.next(), lostBefore) == Submitted::Yes) ++taken;
  return taken;
}

}  // namespace

TEST_SUITE("encoder") {
  TEST_CASE("it holds no more frames than it says, and answers Full without taking the next") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        Painter painter(kSize, tested.input, kFps, tested.memory);
        const auto encoder = tested.make();
        PacketLog log;
        log.block();
        encoder->start(painter.format(), log);
        submit(*encoder, painter.next());
        CHECK(eventually([&] { return log.size() == 1; }));
        fill(*encoder, painter);
        CHECK(painter.out() <= encoder->capacity());
        CHECK(painter.out() >= 2);
        CHECK(encoder->submit(painter.next(), {}) == Submitted::Full);
        CHECK(painter.out() <= encoder->capacity());
        log.unblock();
        encoder->drain(kLong);
        encoder->stop();
        CHECK(painter.out() == 0);
      }
  }

  TEST_CASE("what was lost before a frame comes out with its packet") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        Painter painter(kSize, tested.input, kFps, tested.memory);
        const auto encoder = tested.make();
        PacketLog log;
        encoder->start(painter.format(), log);
        for (uint64_t i = 0; i < 10; ++i) {
          const Stage stage = i % 2 == 0 ? Stage::Sensor : Stage::Encoder;
          submit(*encoder, painter.next(), losses(stage, i));
        }
        encoder->drain(kLong);
        encoder->stop();
        const std::vector<PacketPtr> packets = log.packets();
        REQUIRE(packets.size() == 10);
        for (uint64_t i = 0; i < 10; ++i) {
          CHECK(packets[i]->lostBefore.total() == i);
          CHECK(packets[i]->lostBefore[i % 2 == 0 ? Stage::Sensor : Stage::Encoder] == i);
        }
      }
  }

  TEST_CASE("draining gives out every frame it has, and takes no more") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        Painter painter(kSize, tested.input, kFps, tested.memory);
        const auto encoder = tested.make();
        PacketLog log;
        encoder->start(painter.format(), log);
        const uint64_t taken = fill(*encoder, painter);
        CHECK(encoder->drain(kLong).total() == 0);
        CHECK(log.size() == taken);
        CHECK(encoder->submit(painter.next(), {}) == Submitted::Closed);
        encoder->stop();
        CHECK(encoder->submit(painter.next(), {}) == Submitted::Closed);
        CHECK(log.size() == taken);
        CHECK(painter.out() == 0);
      }
  }

  TEST_CASE("frames that draining gives up are returned as lost, with what was lost before them") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        Painter painter(kSize, tested.input, kFps, tested.memory);
        const auto encoder = tested.make();
        PacketLog log;
        log.block();
        encoder->start(painter.format(), log);
        submit(*encoder, painter.next());
        CHECK(eventually([&] { return log.size() == 1; }));
        const uint64_t taken = 1 + fill(*encoder, painter, losses(Stage::Sensor, 2));
        // The drain is over its limit before the encoder can go on.
        std::thread later([&] {
          std::this_thread::sleep_for(std::chrono::milliseconds(200));
          log.unblock();
        });
        const Losses lost = encoder->drain(std::chrono::milliseconds(1));
        later.join();
        encoder->stop();
        CHECK(lost[Stage::Encoder] > 0);
        CHECK(lost[Stage::Sensor] == 2 * lost[Stage::Encoder]);
        CHECK(log.size() + lost[Stage::Encoder] == taken);
        CHECK(painter.out() == 0);
      }
  }

  TEST_CASE("stopping without draining lets go of everything") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        Painter painter(kSize, tested.input, kFps, tested.memory);
        const auto encoder = tested.make();
        PacketLog log;
        encoder->start(painter.format(), log);
        fill(*encoder, painter);
        encoder->stop();
        CHECK(painter.out() == 0);
        const size_t packets = log.size();
        CHECK(encoder->submit(painter.next(), {}) == Submitted::Closed);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        CHECK(log.size() == packets);
        encoder->stop();
      }
  }

  TEST_CASE("an encoder that never started is stopped all the same") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        tested.make()->stop();
      }
  }
}

}  // namespace pimon
