// The whole way with libx264: what the camera gave is what the file shows.
#include <doctest/doctest.h>

#include <fstream>

#include "camera/cameras.h"
#include "helpers/account.h"
#include "helpers/decoder.h"
#include "helpers/eventually.h"
#include "helpers/monitor.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

// The stamps' sequence numbers; checks that every picture has one and its right time.
std::vector<uint64_t> decodedSequences(const std::string& path) {
  const std::vector<Decoded> pictures = decode(readVideo(path));
  std::vector<uint64_t> sequences;
  for (const Decoded& picture : pictures) {
    REQUIRE(picture.stamp);
    sequences.push_back(picture.stamp->sequence);
    const auto sinceFirst = picture.stamp->sensorUs - pictures.front().stamp->sensorUs;
    // Both are cut to whole microseconds, one from the first frame on.
    CHECK(std::abs(picture.pts - static_cast<int64_t>(sinceFirst)) <= 1);
  }
  return sequences;
}

}  // namespace

TEST_SUITE("pipeline with libx264") {
  TEST_CASE("recordings one after the other each decode to the frames of their account") {
    const TempFolder folder;
    Monitor monitor(chooseEncoder);
    monitor.start(60);
    for (int i = 0; i < 8; ++i) {
      const std::string path = folder.file(std::to_string(i) + ".mp4");
      monitor.startRecording(path);
      CHECK(eventually([&] { return monitor.pipeline().status().recording->written >= 10; }));
      const RecordingSummary summary = monitor.stopRecording();
      checkSummary(summary, decodedSequences(path));
    }
    monitor.stop();
    checkAccount(Monitor::camera().entries());
    CHECK(Monitor::cameraStarts() == 1);
  }

  TEST_CASE("faults in a 720p recording leave a file that decodes, with its gaps where they were") {
    const TempFolder folder;
    Monitor monitor(chooseEncoder);
    monitor.start(30, 1280, 720);
    monitor.startRecording(folder.file("a.mp4"));
    const auto frames = [](size_t count) {
      const size_t before = Monitor::camera().size();
      CHECK(eventually([&] { return Monitor::camera().size() >= before + count; }));
    };
    frames(10);
    monitor.inject({.kind = Fault::Kind::DropAtSensor, .count = 2});
    frames(5);
    monitor.inject({.kind = Fault::Kind::Stall, .count = 1, .milliseconds = 200});
    frames(5);
    monitor.inject({.kind = Fault::Kind::Fail});
    CHECK(eventually([&] { return !monitor.events<CameraFailedEvent>().empty(); }));
    const RecordingSummary summary = monitor.stopRecording();
    CHECK(summary.losses[Stage::Sensor] >= 2 + 4);
    checkSummary(summary, decodedSequences(folder.file("a.mp4")));
  }

  TEST_CASE(
      "the end of the pipeline during a recording leaves a file that decodes to its last frame") {
    const TempFolder folder;
    Monitor monitor(chooseEncoder);
    monitor.start(60);
    monitor.startRecording(folder.file("a.mp4"));
    CHECK(eventually([&] { return monitor.pipeline().status().recording->written >= 20; }));
    monitor.destroy();
    const std::vector<uint64_t> sequences = decodedSequences(folder.file("a.mp4"));
    CHECK(sequences.back() == Monitor::camera().entries().back().info.sequence);
    checkSummary(monitor.events<RecordingEndedEvent>()[0].summary, sequences);
  }

  TEST_CASE("the small class decodes, is small, and its stamps can be read") {
    const TempFolder folder;
    Monitor monitor(chooseEncoder);
    monitor.start(30, 1280, 720);
    monitor.control([&] {
      monitor.pipeline().setLiveVideo(VideoClass::Small, true, {});
      return true;
    });
    CHECK(eventually([&] { return monitor.pipeline().status().small.frames >= 45; }));
    monitor.stop();
    const std::string path = folder.file("small.mp4");
    std::ofstream file(path, std::ios::binary);
    size_t bytes = 0;
    for (const LiveMessage& message : monitor.video()) {
      constexpr size_t kHeader = 24;
      file.write(reinterpret_cast<const char*>(message.bytes.data()) + kHeader,
                 static_cast<std::streamsize>(message.bytes.size() - kHeader));
      bytes += message.bytes.size();
    }
    file.close();
    const VideoFile video = readVideo(path);
    CHECK(video.parameters->width == 640);
    CHECK(video.parameters->height == 360);
    std::vector<uint64_t> sequences;
    for (const Decoded& picture : decode(video)) {
      REQUIRE(picture.stamp);
      sequences.push_back(picture.stamp->sequence);
    }
    REQUIRE(sequences.size() >= 45);
    // Of the camera's 30 frames a second, every other one at most.
    CHECK(sequences.back() - sequences.front() >= 2 * (sequences.size() - 1));
    const double seconds = static_cast<double>(sequences.back() - sequences.front()) / 30;
    CHECK(static_cast<double>(bytes) * 8 / seconds < 1.3 * 400'000);
  }
}

}  // namespace pimon
