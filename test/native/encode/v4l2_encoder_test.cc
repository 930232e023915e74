// The Pi's encoder under every fault of the emulator: no crash, no hang, and
// every frame comes out as a packet or is counted lost. Skipped where the
// emulator is not loaded.
#include "encode/v4l2_encoder.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <iterator>

#include "encode/annexb.h"
#include "encode/v4l2_node.h"
#include "helpers/decoder.h"
#include "helpers/encoded.h"
#include "helpers/eventually.h"
#include "helpers/fakepi.h"
#include "helpers/packet_log.h"

namespace pimon {

namespace {

using namespace std::chrono_literals;

constexpr Size kSize{640, 360};
constexpr double kFps = 30;
// Long beside the emulator's sped-up chip, short beside a test.
constexpr auto kSilence = 150ms;
constexpr auto kDrain = 1000ms;
const bool kNoDevice = !FakePi::isHere();

// A run of the encoder over painted frames, from start to stop.
struct Run {
  explicit Run(Painter& frames, EncoderSettings settings = {})
      : painter(frames), encoder(findEncoderNode()->path, std::move(settings), kSilence) {
    encoder.start(painter.format(), log);
  }

  void feed(int frames) {
    for (int i = 0; i < frames; ++i) {
      const FramePtr frame = painter.next();
      sequences.push_back(frame->info.sequence);
      submit(encoder, frame);
    }
  }
  // What happened to the frames that were fed.
  void finish() {
    lost = encoder.drain(kDrain);
    report = encoder.report();
    encoder.stop();
    for (const PacketPtr& packet : log.packets()) lost += packet->lostBefore;
    CHECK(log.size() + lost[Stage::Encoder] == sequences.size());
    CHECK(painter.out() == 0);
  }
  // Every packet decodes to the frame that it says it shows.
  void checkPictures() const {
    const std::vector<PacketPtr> packets = log.packets();
    const std::vector<Decoded> pictures = decode(packets);
    REQUIRE(pictures.size() == packets.size());
    for (size_t i = 0; i < packets.size(); ++i) {
      CHECK(pictures[i].stamp == stampOf(packets[i]->info));
    }
  }

  Painter& painter;
  V4l2Encoder encoder;
  PacketLog log;
  std::vector<uint64_t> sequences;  // of the frames that were fed
  EncoderReport report;
  Losses lost;
};

size_t openFiles() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<size_t>(std::distance(files, std::filesystem::directory_iterator()));
}

Painter sharedFrames() { return {kSize, PixelFormat::Yuv420, kFps, Memory::Contiguous}; }

}  // namespace

TEST_SUITE("v4l2" * doctest::skip(kNoDevice)) {
  TEST_CASE("the encoder is found by what it can do, wherever its node lies") {
    const auto node = findEncoderNode();
    REQUIRE(node);
    CHECK(node->driver == "bcm2835-codec");
    CHECK(node->card == "bcm2835-codec-encode");
    FakePiFault moved("NODE", "/dev/video23");
    const auto elsewhere = findEncoderNode();
    REQUIRE(elsewhere);
    CHECK(elsewhere->path == "/dev/video23");
    FakePiFault absent("ABSENT", "1");
    CHECK_FALSE(findEncoderNode());
  }

  TEST_CASE(
      "contiguous frames are read where they are, each buffer always at "
      "its own index") {
    Painter painter = sharedFrames();
    const int64_t imports = FakePi::stat("imports");
    Run run(painter);
    run.feed(60);
    run.finish();
    CHECK(run.lost.total() == 0);
    CHECK(run.report.bytesCopied == 0);
    CHECK(run.report.note == "");
    CHECK(FakePi::stat("imports") - imports <= painter.format().buffers);
    run.checkPictures();
  }

  TEST_CASE(
      "frames of another stride are copied once and not sheared, and the "
      "report says so") {
    Painter painter({648, 364}, PixelFormat::Yuv420, kFps, Memory::Contiguous);
    FakePiFault wider("STRIDE", "64");
    Run run(painter);
    run.feed(12);
    run.finish();
    CHECK(run.lost.total() == 0);
    CHECK(run.report.bytesCopied == 12u * 648 * 364 * 3 / 2);
    CHECK(run.report.note.find("rows") != std::string::npos);
    run.checkPictures();
  }

  TEST_CASE("frames that are not contiguous, or not shared at all, are copied once") {
    for (const Memory memory : {Memory::Scattered, Memory::Private, Memory::PlainFile}) {
      for (const PixelFormat format : {PixelFormat::Yuv420, PixelFormat::Nv12}) {
        Painter painter(kSize, format, kFps, memory);
        Run run(painter);
        run.feed(12);
        run.finish();
        CHECK(run.lost.total() == 0);
        CHECK(run.report.bytesCopied == 12u * kSize.width * kSize.height * 3 / 2);
        CHECK(run.report.note.find("copied") != std::string::npos);
        run.checkPictures();
      }
    }
  }

  TEST_CASE("skipped frames are counted, and hold nothing up") {
    FakePiFault skip("SKIP", "/5");
    Painter painter = sharedFrames();
    const int64_t before = FakePi::stat("skipped");
    Run run(painter);
    run.feed(60);
    run.finish();
    CHECK(run.lost[Stage::Encoder] == static_cast<uint64_t>(FakePi::stat("skipped") - before));
    CHECK(run.lost[Stage::Encoder] >= 11);
    run.checkPictures();
  }

  TEST_CASE("buffers of parameter sets alone are no pictures") {
    FakePiFault headers("HEADER_ONLY", "/3");
    Painter painter = sharedFrames();
    Run run(painter);
    run.feed(30);
    run.finish();
    CHECK(run.lost.total() == 0);
    run.checkPictures();
  }

  TEST_CASE("a first buffer of garbage is left out") {
    FakePiFault bad("BAD_FIRST", "garbage");
    Painter painter = sharedFrames();
    Run run(painter);
    run.feed(30);
    run.finish();
    CHECK(run.lost.total() == 0);
    run.checkPictures();
  }

  TEST_CASE(
      "a first picture without its timestamp is lost and counted, and a "
      "keyframe follows") {
    FakePiFault bad("BAD_FIRST", "zero");
    Painter painter = sharedFrames();
    Run run(painter);
    run.feed(30);
    run.finish();
    CHECK(run.lost[Stage::Encoder] == 1);
    CHECK(run.log.packets().front()->info.sequence == run.sequences[1]);
  }

  TEST_CASE("pictures that are split over buffers come out whole") {
    FakePiFault split("SPLIT", "/4");
    Painter painter = sharedFrames();
    const int64_t before = FakePi::stat("split");
    Run run(painter);
    run.feed(24);
    run.finish();
    CHECK(FakePi::stat("split") - before >= 5);
    CHECK(run.lost.total() == 0);
    run.checkPictures();
  }

  TEST_CASE("a damaged picture is dropped and counted, and a keyframe asked for") {
    FakePiFault error("ERROR", "10");
    Painter painter = sharedFrames();
    Run run(painter);
    run.feed(30);
    run.finish();
    CHECK(run.lost[Stage::Encoder] == 1);
    int keys = 0;
    for (const PacketPtr& packet : run.log.packets()) keys += packet->key ? 1 : 0;
    CHECK(keys == 2);
  }

  TEST_CASE("a keyframe that the firmware forgot is asked for again") {
    Painter painter = sharedFrames();
    Run run(painter);
    run.feed(6);
    FakePiFault lose("LOSE_KEY", "0");
    const int64_t before = FakePi::stat("keys_lost");
    run.encoder.requestKeyframe();
    run.feed(12);
    run.finish();
    CHECK(FakePi::stat("keys_lost") - before == 1);
    int keys = 0;
    for (const PacketPtr& packet : run.log.packets()) keys += packet->key ? 1 : 0;
    CHECK(keys == 2);
  }

  TEST_CASE(
      "keyframes have their parameter sets also where the firmware stops "
      "repeating them") {
    FakePiFault stop("HEADERS_STOP", "1");
    EncoderSettings settings;
    settings.gop = 200ms;
    Painter painter = sharedFrames();
    Run run(painter, settings);
    run.feed(40);
    run.finish();
    run.checkPictures();
    for (const PacketPtr& packet : run.log.packets()) {
      CHECK(parameterSets(packet->data).empty() == !packet->key);
    }
  }

  TEST_CASE(
      "a device that falls silent is opened again, and what was in it is "
      "counted") {
    for (const char* fault : {"STALL", "EIO"}) {
      FakePiFault silent(fault, "10");
      Painter painter = sharedFrames();
      Run run(painter);
      const int64_t opens = FakePi::stat("opens");
      run.feed(40);
      run.finish();
      CHECK(FakePi::stat("opens") - opens == 1);
      CHECK(run.lost[Stage::Encoder] >= 1);
      CHECK(run.lost[Stage::Encoder] <= static_cast<uint64_t>(run.encoder.capacity()));
      CHECK_FALSE(run.log.error());
      run.checkPictures();
      for (const PacketPtr& packet : run.log.packets()) {
        if (packet->lostBefore.total() > 0) CHECK(packet->key);
      }
    }
  }

  TEST_CASE("a device that stays silent ends the encoder with an error") {
    FakePiFault silent("STALL", "/1");
    Painter painter = sharedFrames();
    Run run(painter);
    CHECK(eventually([&] {
      const FramePtr frame = painter.next();
      if (run.encoder.submit(frame, {}) == Submitted::Yes) {
        run.sequences.push_back(frame->info.sequence);
      }
      return run.log.error().has_value();
    }));
    CHECK(run.log.error()->code() == "encoder-failed");
    CHECK(run.log.error()->what() ==
          std::string("The hardware encoder is stuck: it gives nothing any more."));
    CHECK(run.encoder.submit(painter.next(), {}) == Submitted::Closed);
    run.finish();
  }

  TEST_CASE("the last frames may stay inside: the drain ends, and they are counted") {
    FakePiFault keep("KEEP_LAST", "2");
    Painter painter = sharedFrames();
    Run run(painter);
    run.feed(20);
    const auto begun = std::chrono::steady_clock::now();
    run.finish();
    CHECK(std::chrono::steady_clock::now() - begun < 3s);
    CHECK(run.lost[Stage::Encoder] == 2);
    run.checkPictures();
  }

  TEST_CASE(
      "what the firmware refuses is a sentence, and auto falls back on "
      "software") {
    Painter painter = sharedFrames();
    for (const char* errnum : {"ESRCH", "EPERM", "EINTR"}) {
      FakePiFault refuse("REFUSE", errnum);
      EncoderChoice choice = chooseEncoder({}, painter.format());
      PacketLog log;
      CHECK(choice.encoder->name() == "v4l2");
      CHECK_THROWS_WITH_AS(choice.encoder->start(painter.format(), log),
                           doctest::Contains("does not start"), Error);
      REQUIRE(choice.fallback);
      CHECK(choice.fallback->name() == "software");
    }
    EncoderSettings asked;
    asked.kind = "v4l2";
    CHECK_FALSE(chooseEncoder(asked, painter.format()).fallback);
  }

  TEST_CASE("without contiguous memory the start says what to raise") {
    Painter painter = sharedFrames();
    FakePiFault budget("CMA", "1M");
    V4l2Encoder encoder(findEncoderNode()->path, {}, kSilence);
    PacketLog log;
    CHECK_THROWS_WITH_AS(encoder.start(painter.format(), log), doctest::Contains("cma="), Error);
  }

  TEST_CASE(
      "more than the hardware can is software's, unless the hardware was "
      "asked for") {
    StreamFormat large;
    large.size = {2304, 1296};
    large.fps = 30;
    const EncoderChoice choice = chooseEncoder({}, large);
    CHECK(choice.encoder->name() == "software");
    CHECK(choice.reason.find("1920") != std::string::npos);
    EncoderSettings asked;
    asked.kind = "v4l2";
    CHECK(chooseEncoder(asked, large).encoder->name() == "v4l2");
  }

  TEST_CASE("random faults, from several seeds, lose what they say and leave nothing behind") {
    for (const char* seed : {"1", "2", "3", "4"}) {
      Painter painter({320, 180}, PixelFormat::Yuv420, kFps, Memory::Contiguous);
      const size_t files = openFiles();
      const int64_t before = FakePi::stat("skipped") + FakePi::stat("errors");
      {
        const FakePiFault seeded("SEED", seed);
        const FakePiFault skip("SKIP", "2%");
        const FakePiFault headers("HEADER_ONLY", "2%");
        const FakePiFault error("ERROR", "1%");
        const FakePiFault split("SPLIT", "1%");
        const FakePiFault lose("LOSE_KEY", "10%");
        Run run(painter);
        run.feed(500);
        run.finish();
        const int64_t injected = FakePi::stat("skipped") + FakePi::stat("errors") - before;
        CHECK(injected > 0);
        CHECK(run.lost.total() == static_cast<uint64_t>(injected));
        CHECK(run.lost[Stage::Encoder] == static_cast<uint64_t>(injected));
        CHECK_FALSE(run.log.error());
      }
      CHECK(eventually([&] { return FakePi::stat("live") == 0 && openFiles() == files; }));
    }
  }

  TEST_CASE("the bitrate changes while it runs") {
    EncoderSettings settings;
    settings.bitrate = 2'000'000;
    settings.gop = 10s;
    Painter painter = sharedFrames();
    Run run(painter, settings);
    run.feed(30);
    settings.bitrate = 50'000;
    run.encoder.apply(settings);
    run.feed(60);
    run.finish();
    const std::vector<PacketPtr> packets = run.log.packets();
    const auto bytes = [&](size_t from, size_t to) {
      size_t sum = 0;
      for (size_t i = from; i < to; ++i) sum += packets[i]->data.size();
      return sum;
    };
    CHECK(bytes(70, 90) * 3 < bytes(10, 30));
  }
}

}  // namespace pimon
