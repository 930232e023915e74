// What every encoder owes (encode/encoder.h), over each in turn: what comes out of it.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "encode/annexb.h"
#include "helpers/decoder.h"
#include "helpers/encoded.h"
#include "helpers/eventually.h"
#include "helpers/fakepi.h"
#include "helpers/packet_log.h"
#include "support/worker.h"

namespace pimon {

namespace {

constexpr Size kSize{320, 180};
constexpr double kFps = 30;
constexpr std::chrono::seconds kLong{30};

std::vector<int> keyframesOf(const std::vector<PacketPtr>& packets) {
  std::vector<int> keys;
  for (size_t i = 0; i < packets.size(); ++i) {
    if (packets[i]->key) keys.push_back(static_cast<int>(i));
  }
  return keys;
}

std::set<int> threads() {
  std::set<int> ids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    ids.insert(std::stoi(entry.path().filename()));
  }
  return ids;
}

}  // namespace

TEST_SUITE("encoder") {
  TEST_CASE(
      "every frame comes out once and in order, with its picture and all that is known of it") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        Painter painter({1296, 730}, tested.input, kFps, tested.memory);
        const auto encoder = tested.make();
        PacketLog log;
        encoder->start(painter.format(), log);
        std::vector<FrameInfo> infos;
        for (int i = 0; i < 20; ++i) {
          const FramePtr frame = painter.nextLate(i % 3 * 1'700'000);
          infos.push_back(frame->info);
          submit(*encoder, frame);
        }
        CHECK(encoder->drain(kLong).total() == 0);
        encoder->stop();

        const std::vector<PacketPtr> packets = log.packets();
        const std::vector<Decoded> pictures = decode(packets);
        REQUIRE(packets.size() == infos.size());
        REQUIRE(pictures.size() == infos.size());
        for (size_t i = 0; i < infos.size(); ++i) {
          CHECK(packets[i]->info.sequence == infos[i].sequence);
          CHECK(packets[i]->info.sensorNs == infos[i].sensorNs);
          CHECK(packets[i]->info.wallUs == infos[i].wallUs);
          CHECK(packets[i]->info.exposureUs == infos[i].exposureUs);
          CHECK(packets[i]->info.gain == infos[i].gain);
          CHECK(packets[i]->lostBefore.total() == 0);
          CHECK(pictures[i].stamp == stampOf(infos[i]));
          CHECK(pictures[i].width == 1296);
          CHECK(pictures[i].height == 730);
          CHECK(pictures[i].key == packets[i]->key);
        }
        CHECK_FALSE(log.error());
      }
  }

  TEST_CASE("a keyframe stands first and then once every GOP of sensor time, whatever is missing") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        EncoderSettings settings = tested.settings;
        settings.gop = std::chrono::milliseconds(500);
        Painter painter(kSize, tested.input, kFps, tested.memory);
        const auto encoder = tested.make(settings);
        PacketLog log;
        encoder->start(painter.format(), log);
        for (int i = 0; i < 40; ++i) {
          if (i == 20) painter.skip(6);  // 15 frames are a GOP; this one has 9
          submit(*encoder, painter.next());
        }
        encoder->drain(kLong);
        encoder->stop();
        const std::vector<int> keys = keyframesOf(log.packets());
        if (!tested.isHardware) {
          CHECK(keys == std::vector<int>{0, 15, 24, 39});
          continue;
        }
        REQUIRE(keys.size() >= 3);
        CHECK(keys.front() == 0);
        for (size_t k = 1; k < keys.size(); ++k) {
          const auto timeOf = [&](int i) { return log.packets()[i]->info.sensorNs; };
          CHECK(timeOf(keys[k]) - timeOf(keys[k - 1]) <= 500'000'000 + 8 * 33'333'333);
        }
      }
  }

  TEST_CASE("a keyframe asked for comes within three frames") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        Painter painter(kSize, tested.input, kFps, tested.memory);
        const auto encoder = tested.make();
        PacketLog log;
        encoder->start(painter.format(), log);
        for (int i = 0; i < 12; ++i) {
          if (i == 7) encoder->requestKeyframe();
          submit(*encoder, painter.next());
        }
        encoder->drain(kLong);
        encoder->stop();
        const std::vector<int> keys = keyframesOf(log.packets());
        REQUIRE(keys.size() == 2);
        // A frame that waits in the encoder may become it; hardware hears of it a little later.
        CHECK(keys[1] >= 7 - encoder->capacity());
        CHECK(keys[1] <= 7 + 3);
      }
  }

  TEST_CASE("keyframes, and only they, begin with SPS and PPS") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        EncoderSettings settings = tested.settings;
        settings.gop = std::chrono::milliseconds(200);
        Painter painter(kSize, tested.input, kFps, tested.memory);
        const auto encoder = tested.make(settings);
        PacketLog log;
        encoder->start(painter.format(), log);
        for (int i = 0; i < 20; ++i) submit(*encoder, painter.next());
        encoder->drain(kLong);
        encoder->stop();
        for (const PacketPtr& packet : log.packets()) {
          CHECK(parameterSets(packet->data).empty() == !packet->key);
        }
      }
  }

  TEST_CASE("the coded picture says which colours it has") {
    for (const EncoderCase& tested : encoderCases()) SUBCASE(tested.name.c_str()) {
        if (tested.isHardware) continue;
        for (const ColourSpace colour : {ColourSpace::Rec709, ColourSpace::Smpte170m}) {
          Painter painter(kSize, tested.input, kFps, tested.memory);
          painter.setColour(colour);
          const auto encoder = tested.make();
          PacketLog log;
          encoder->start(painter.format(), log);
          submit(*encoder, painter.next());
          encoder->drain(kLong);
          encoder->stop();
          const std::vector<Decoded> pictures = decode(log.packets());
          REQUIRE(pictures.size() == 1);
          const bool rec709 = colour == ColourSpace::Rec709;
          CHECK(pictures[0].range == AVCOL_RANGE_MPEG);
          CHECK(pictures[0].primaries == (rec709 ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M));
          CHECK(pictures[0].transfer == (rec709 ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M));
          CHECK(pictures[0].space == (rec709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M));
        }
      }
  }
}

TEST_SUITE("software encoder") {
  TEST_CASE("all its threads give way to the camera's, and go before the rest") {
    const int usual = getpriority(PRIO_PROCESS, 0);
    int camera = usual;
    Worker worker;
    worker.start(
        "camera",
        [&] { camera = getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid))); },
        [](const Error&) {}, Priority::Camera);
    worker.join();
    if (camera == usual) return;  // raising one's priority is not allowed here

    const std::set<int> before = threads();
    EncoderSettings settings;
    settings.kind = "software";
    settings.threads = 3;
    const Painter painter({640, 360}, PixelFormat::Yuv420, kFps);
    const auto encoder = chooseEncoder(settings, painter.format()).encoder;
    PacketLog log;
    encoder->start(painter.format(), log);
    int made = 0;
    for (const int thread : threads()) {
      if (before.contains(thread)) continue;
      ++made;
      const auto id = static_cast<id_t>(thread);
      CHECK(eventually([&] { return getpriority(PRIO_PROCESS, id) < usual; }));
      CHECK(getpriority(PRIO_PROCESS, id) > camera);
    }
    CHECK(made > 2);
    encoder->drain(kLong);
    encoder->stop();
  }
}

TEST_SUITE("choice of the encoder") {
  TEST_CASE("what libx264 does not know is refused when it starts") {
    EncoderSettings settings;
    settings.kind = "software";
    settings.preset = "as-fast-as-you-can";
    const Painter painter(kSize, PixelFormat::Yuv420, kFps);
    const auto encoder = chooseEncoder(settings, painter.format()).encoder;
    PacketLog log;
    try {
      encoder->start(painter.format(), log);
      CHECK_MESSAGE(false, "it was taken");
    } catch (const Error& error) {
      CHECK(error.code() == "encoder-refused");
    }
    encoder->stop();
  }

  TEST_CASE("asking for V4L2 never falls back" * doctest::skip(FakePi::isHere())) {
    EncoderSettings settings;
    settings.kind = "v4l2";
    try {
      chooseEncoder(settings, {});
      CHECK_MESSAGE(false, "it was taken");
    } catch (const Error& error) {
      CHECK(error.code() == "encoder-unavailable");
    }
  }
}

}  // namespace pimon
