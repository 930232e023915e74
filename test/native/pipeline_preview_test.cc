// The preview beside a recording; the encoder is a stub.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/jpeg.h"
#include "helpers/monitor.h"
#include "helpers/stub_encoder.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

constexpr size_t kHeader = 24;

uint32_t sequenceOf(const PreviewMessage& message) {
  const std::vector<uint8_t>& b = message.bytes;
  return b[4] | b[5] << 8 | b[6] << 16 | static_cast<uint32_t>(b[7]) << 24;
}

}  // namespace

TEST_SUITE("pipeline: preview") {
  TEST_CASE("each class gets pictures of its size, whose stamps are those of their headers") {
    StubEncoder::behave({});
    Monitor monitor(stubEncoder);
    monitor.start(60, 640, 360);
    const std::map<int, int> widths{{1, 320}, {2, 480}, {3, 640}};
    monitor.pipeline().setPreview({{.id = 1, .width = 320, .fps = 60},
                                   {.id = 2, .width = 480, .fps = 20},
                                   {.id = 3, .width = 5000, .fps = 10}});
    CHECK(eventually([&] {
      std::map<int, int> seen;
      for (const PreviewMessage& message : monitor.previews()) ++seen[message.classId];
      return seen[1] > 4 && seen[2] > 2 && seen[3] > 1;
    }));
    monitor.stop();
    for (const PreviewMessage& message : monitor.previews()) {
      const JpegPicture picture = readJpeg(std::span(message.bytes).subspan(kHeader));
      CHECK(picture.width == widths.at(message.classId));
      REQUIRE(picture.stamp);
      CHECK(picture.stamp->sequence == sequenceOf(message));
    }
    CHECK(monitor.pipeline().status().preview.encoded == monitor.previews().size());
  }

  TEST_CASE("with nobody watching no JPEG is made") {
    StubEncoder::behave({});
    Monitor monitor(stubEncoder);
    monitor.start(120);
    CHECK(eventually([] { return Monitor::camera().size() > 10; }));
    CHECK(monitor.pipeline().status().preview.encoded == 0);
  }

  TEST_CASE("a JPEG that takes a second and a half costs no recorded frame") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(20);
    monitor.pipeline().setPreview({{.id = 1, .width = 320, .fps = 20}});
    CHECK(eventually([&] { return !monitor.previews().empty(); }));
    monitor.startRecording(folder.file("a.mp4"));
    monitor.pipeline().stallPreview(1500);
    CHECK(eventually([&] { return monitor.pipeline().status().recording->written >= 35; }));
    CHECK(monitor.pipeline().status().preview.skipped >= 20);
    const RecordingSummary summary = monitor.stopRecording();
    // None, but for those of a machine that is busy with other things; the stall lasts for 30.
    CHECK(summary.losses.total() < 10);
    checkSummary(summary, stubSequences(folder.file("a.mp4")));
    const size_t before = monitor.previews().size();
    CHECK(eventually([&] { return monitor.previews().size() > before; }));
  }

  TEST_CASE("a snapshot shows the next frame; without a camera it is empty") {
    StubEncoder::behave({});
    Monitor monitor(stubEncoder);
    std::mutex mutex;
    std::vector<std::vector<uint8_t>> answers;
    const auto done = [&](std::vector<uint8_t> jpeg) {
      const std::lock_guard lock(mutex);
      answers.push_back(std::move(jpeg));
    };
    const auto answered = [&](size_t count) {
      return eventually([&] {
        const std::lock_guard lock(mutex);
        return answers.size() == count;
      });
    };
    monitor.pipeline().snapshot(320, 80, done);
    CHECK(answered(1));
    monitor.start(60, 960, 540);
    CHECK(eventually([] { return Monitor::camera().size() > 3; }));
    const uint64_t newest = Monitor::camera().entries().back().info.sequence;
    monitor.pipeline().snapshot(640, 80, done);
    CHECK(answered(2));
    // Asked for while the camera stops, it is answered too, one way or the other.
    for (int i = 0; i < 20; ++i) monitor.pipeline().snapshot(64, 80, done);
    monitor.stop();
    for (int i = 0; i < 20; ++i) monitor.pipeline().snapshot(64, 80, done);
    CHECK(answered(42));
    CHECK(answers[0].empty());
    const auto empty = [](const std::vector<uint8_t>& jpeg) { return jpeg.empty(); };
    CHECK(std::count_if(answers.begin(), answers.end(), empty) >= 1 + 20);
    const JpegPicture picture = readJpeg(answers[1]);
    CHECK(picture.width == 640);
    CHECK(picture.height == 360);
    REQUIRE(picture.stamp);
    CHECK(picture.stamp->sequence >= newest);
  }
}

}  // namespace pimon
