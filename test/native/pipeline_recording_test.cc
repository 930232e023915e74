// Recordings come and go while the camera runs; the encoder is a stub.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/monitor.h"
#include "helpers/process.h"
#include "helpers/stub_encoder.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

int cycles() {
  const char* asked = std::getenv("PIMON_CYCLES");
  return asked == nullptr ? 50 : std::atoi(asked);
}

void writtenFrames(Monitor& monitor, uint64_t frames) {
  CHECK(eventually([&] {
    const auto recording = monitor.pipeline().status().recording;
    return recording && recording->written >= frames;
  }));
}

std::string codeOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

}  // namespace

TEST_SUITE("pipeline: recording") {
  TEST_CASE("recordings start and stop without touching the stream, and leave nothing behind") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(120);
    const auto cycle = [&](const std::string& path) {
      monitor.startRecording(path);
      writtenFrames(monitor, 3);
      const RecordingSummary summary = monitor.stopRecording();
      checkSummary(summary, stubSequences(path));
      std::filesystem::remove(path);
    };
    for (int i = 0; i < 5; ++i) cycle(folder.file("warm-up.mp4"));
    const Usage before = usageNow();
    for (int i = 0; i < cycles(); ++i) cycle(folder.file("a.mp4"));
    const Usage after = usageNow();

    MESSAGE(cycles(), " cycles: fds ", before.fds, " → ", after.fds, ", threads ", before.threads,
            " → ", after.threads, ", heap ", before.heapBytes, " → ", after.heapBytes,
            " B, resident ", before.residentBytes, " → ", after.residentBytes, " B");
    CHECK(after.fds == before.fds);
    CHECK(after.threads == before.threads);
    // The test's own log of every frame and event grows a little.
    CHECK(after.heapBytes <= before.heapBytes + 100'000 + static_cast<size_t>(cycles()) * 4'000);

    monitor.stop();
    CHECK(Monitor::cameraStarts() == 1);
    checkAccount(Monitor::camera().entries());
    const PipelineStatus status = monitor.pipeline().status();
    CHECK(status.captured == Monitor::camera().size());
    CHECK(status.losses[Stage::Source] == Monitor::camera().losses()[Stage::Source]);
    CHECK(monitor.events<RecordingEndedEvent>().size() == static_cast<size_t>(cycles()) + 5);
  }

  TEST_CASE("the first frame comes at most 4 frame intervals after the request") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(10);
    CHECK(eventually([] { return Monitor::camera().size() >= 2; }));
    const uint64_t newest = Monitor::camera().entries().back().info.sequence;
    const RecordingStarted started = monitor.startRecording(folder.file("a.mp4"));
    CHECK(started.first.sequence <= newest + 4);
    CHECK(started.encoder.name == "stub");
    monitor.stopRecording();
  }

  TEST_CASE("a duration ends the recording by itself, with its event") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(120);
    monitor.startRecording(folder.file("a.mp4"), 500'000'000);
    CHECK(eventually([&] { return !monitor.events<RecordingEndedEvent>().empty(); }));
    const RecordingSummary summary = monitor.events<RecordingEndedEvent>()[0].summary;
    CHECK(summary.reason == StopReason::Duration);
    const uint64_t frames = summary.last->sequence - summary.first->sequence + 1;
    CHECK(frames <= 60);
    CHECK(frames + summary.losses.total() >= 60);
    checkSummary(summary, stubSequences(folder.file("a.mp4")));
    CHECK(codeOf([&] { monitor.stopRecording(); }) == "not-recording");
    CHECK_FALSE(monitor.pipeline().status().recording);
  }

  TEST_CASE("there is one recording at a time, and none without a camera") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    const std::string path = folder.file("a.mp4");
    CHECK(codeOf([&] { monitor.startRecording(path); }) == "camera-lost");
    CHECK(codeOf([&] { monitor.stopRecording(); }) == "not-recording");
    monitor.start(60);
    monitor.startRecording(path);
    CHECK(codeOf([&] { monitor.startRecording(folder.file("b.mp4")); }) == "recording-running");
    CHECK(codeOf([&] { monitor.start(30); }) == "recording-running");
    CHECK_FALSE(std::filesystem::exists(folder.file("b.mp4")));
    monitor.stopRecording();
    CHECK(codeOf([&] { monitor.startRecording(path); }) == "name-invalid");
    CHECK(codeOf([&] { monitor.startRecording(folder.file("none/b.mp4")); }) == "disk-gone");
    monitor.startRecording(folder.file("c.mp4"));
    monitor.stopRecording();
    CHECK(std::filesystem::exists(path));
  }

  TEST_CASE("a recording that never gets a frame is refused and leaves no file") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(60);
    monitor.inject({.kind = Fault::Kind::Stall, .count = 1, .milliseconds = 60'000});
    const size_t before = Monitor::camera().size();
    CHECK(eventually([&] { return Monitor::camera().size() <= before + 1; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(codeOf([&] { monitor.startRecording(folder.file("a.mp4")); }) == "camera-lost");
    CHECK(std::filesystem::is_empty(folder.path()));
    CHECK(monitor.events<RecordingEndedEvent>().empty());
  }

  TEST_CASE("an encoder that does not start is refused and leaves no file") {
    StubEncoder::behave({.refuse = true});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(60);
    CHECK(codeOf([&] { monitor.startRecording(folder.file("a.mp4")); }) == "encoder-refused");
    CHECK(std::filesystem::is_empty(folder.path()));
    StubEncoder::behave({});
    monitor.startRecording(folder.file("a.mp4"));
    monitor.stopRecording();
  }

  TEST_CASE("another start of the camera begins a new count") {
    StubEncoder::behave({});
    Monitor monitor(stubEncoder);
    monitor.start(120);
    CHECK(eventually([&] { return monitor.pipeline().status().captured > 20; }));
    monitor.start(30, 640, 360);
    const PipelineStatus status = monitor.pipeline().status();
    CHECK(status.captured < 20);
    CHECK(status.camera->format.size == Size{640, 360});
    monitor.stop();
    CHECK_FALSE(monitor.pipeline().status().camera);
  }
}

}  // namespace pimon
