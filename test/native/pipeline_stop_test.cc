// The pipeline's end in awkward moments: nothing hangs, and the file is whole.
#include <doctest/doctest.h>

#include <filesystem>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/monitor.h"
#include "helpers/stub_encoder.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

void frames(size_t count) {
  const size_t before = Monitor::camera().size();
  CHECK(eventually([&] { return Monitor::camera().size() >= before + count; }));
}

}  // namespace

TEST_SUITE("pipeline: end") {
  TEST_CASE("the end during a recording finalises the file, with every frame the camera gave") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(60);
    monitor.startRecording(folder.file("a.mp4"));
    frames(20);
    monitor.destroy();
    const auto ended = monitor.events<RecordingEndedEvent>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].summary.reason == StopReason::Shutdown);
    checkSummary(ended[0].summary, stubSequences(folder.file("a.mp4")));
    CHECK(ended[0].summary.last->sequence == Monitor::camera().entries().back().info.sequence);
  }

  TEST_CASE("an encoder that fails while the pipeline ends is no trouble") {
    StubEncoder::behave({.failWhileDraining = true});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(60);
    monitor.startRecording(folder.file("a.mp4"));
    frames(5);
    monitor.destroy();
    REQUIRE(monitor.events<RecordingEndedEvent>().size() == 1);
    checkSummary(monitor.events<RecordingEndedEvent>()[0].summary,
                 stubSequences(folder.file("a.mp4")));
  }

  TEST_CASE("a camera that is lost just then is none either") {
    for (int i = 0; i < 10; ++i) {
      StubEncoder::behave({});
      const TempFolder folder;
      Monitor monitor(stubEncoder);
      monitor.start(240);
      monitor.startRecording(folder.file("a.mp4"));
      monitor.inject({.kind = Fault::Kind::Fail});
      std::this_thread::sleep_for(std::chrono::microseconds(i * 700));
      monitor.destroy();
      REQUIRE(monitor.events<RecordingEndedEvent>().size() == 1);
      checkSummary(monitor.events<RecordingEndedEvent>()[0].summary,
                   stubSequences(folder.file("a.mp4")));
    }
  }

  TEST_CASE("frames that are still out when the pipeline has ended are let go safely") {
    StubEncoder::behave({});
    Monitor monitor(stubEncoder);
    Monitor::camera().hold();
    monitor.start(60);
    CHECK(eventually([] { return Monitor::camera().held() >= 2; }));
    monitor.destroy();
    for (const FramePtr& frame : Monitor::camera().release()) {
      CHECK(readStamp(frame->main.planes[0], frame->main.width) == stampOf(frame->info));
    }
  }

  TEST_CASE(
      "status, controls and preview can be asked for by any thread while it starts and stops") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    std::atomic<bool> done = false;
    std::thread other([&] {
      while (!done) {
        const PipelineStatus status = monitor.pipeline().status();
        if (status.recording) CHECK(status.written >= status.recording->written);
        for (const ControlInfo& control : monitor.pipeline().controls()) {
          monitor.pipeline().setPreview({{.id = 1, .width = 160, .fps = 60}});
          try {
            monitor.pipeline().setControls({{control.id, control.value}});
            monitor.inject({.kind = Fault::Kind::Delay});
          } catch (const Error& error) {
            CHECK(error.code() == "camera-lost");
          }
        }
        monitor.pipeline().snapshot(160, 75, [](const std::vector<uint8_t>&) {});
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
    for (int i = 0; i < 5; ++i) {
      monitor.start(120);
      const std::string path = folder.file(std::to_string(i) + ".mp4");
      monitor.startRecording(path);
      frames(5);
      const RecordingSummary summary = monitor.stopRecording();
      checkSummary(summary, stubSequences(path));
      monitor.stop();
    }
    done = true;
    other.join();
  }
}

}  // namespace pimon
