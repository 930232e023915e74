// What goes wrong on a frame's way during a recording, and who is told; the encoder is a stub.
#include <doctest/doctest.h>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/monitor.h"
#include "helpers/process.h"
#include "helpers/stub_encoder.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

// A recording at 60 frames a second.
struct Running {
  explicit Running(const StubEncoder::Behaviour& behaviour = {}) : monitor(stubEncoder) {
    StubEncoder::behave(behaviour);
    monitor.start(60);
    monitor.startRecording(path);
  }

  // Waits for so many more frames from the camera.
  static void frames(size_t count) {
    const size_t before = Monitor::camera().size();
    CHECK(eventually([&] { return Monitor::camera().size() >= before + count; }));
  }

  uint64_t told(Stage stage) const {
    uint64_t sum = 0;
    for (const LossEvent& event : monitor.events<LossEvent>()) {
      if (event.stage == stage) sum += event.frames;
    }
    return sum;
  }

  // The summary of a recording that ended by itself.
  RecordingSummary ended() {
    CHECK(eventually([&] { return !monitor.events<RecordingEndedEvent>().empty(); }));
    CHECK(monitor.events<RecordingEndedEvent>().size() == 1);
    return monitor.events<RecordingEndedEvent>().front().summary;
  }

  TempFolder folder;
  std::string path = folder.file("a.mp4");
  Monitor monitor;
};

}  // namespace

TEST_SUITE("pipeline: faults") {
  TEST_CASE("frames lost at the sensor, delayed and stalled are in the summary, by stage") {
    Running running;
    Running::frames(5);
    running.monitor.inject({.kind = Fault::Kind::DropAtSensor, .count = 3});
    Running::frames(5);
    running.monitor.inject({.kind = Fault::Kind::Delay, .count = 1, .milliseconds = 500});
    Running::frames(12);
    running.monitor.inject({.kind = Fault::Kind::Stall, .count = 1, .milliseconds = 200});
    Running::frames(8);
    const RecordingSummary summary = running.monitor.stopRecording();
    running.monitor.stop();
    checkSummary(summary, stubSequences(running.path));
    const Losses made = Monitor::camera().losses();
    CHECK(made[Stage::Sensor] >= 3 + 10);
    CHECK(made[Stage::Source] >= 5);
    CHECK(summary.losses[Stage::Sensor] == made[Stage::Sensor]);
    CHECK(running.told(Stage::Sensor) == made[Stage::Sensor]);
    CHECK(running.told(Stage::Source) == made[Stage::Source]);
    CHECK(running.monitor.pipeline().status().losses[Stage::Sensor] == made[Stage::Sensor]);
  }

  TEST_CASE(
      "a camera that fails leaves the recording waiting, which goes on once it is opened anew") {
    Running running;
    Running::frames(20);
    running.monitor.inject({.kind = Fault::Kind::Fail});
    CHECK(eventually([&] { return !running.monitor.events<CameraFailedEvent>().empty(); }));
    CHECK(running.monitor.events<CameraFailedEvent>()[0].code == "camera-lost");
    CHECK(running.monitor.pipeline().status().recording);
    running.monitor.control([&] {
      running.monitor.pipeline().restartCamera(true);
      return true;
    });
    Running::frames(20);
    const RecordingSummary summary = running.monitor.stopRecording();
    checkSummary(summary, stubSequences(running.path));
    CHECK(running.monitor.events<CameraResumedEvent>().size() == 1);
    CHECK(running.monitor.events<CameraLostEvent>().empty());
  }

  TEST_CASE("a recording whose camera does not come back ends with its file") {
    Running running;
    Running::frames(20);
    running.monitor.inject({.kind = Fault::Kind::Fail});
    CHECK(eventually([&] { return !running.monitor.events<CameraFailedEvent>().empty(); }));
    const RecordingSummary summary = running.monitor.control(
        [&] { return running.monitor.pipeline().stopRecording(StopReason::CameraLost); });
    CHECK(summary.reason == StopReason::CameraLost);
    checkSummary(summary, stubSequences(running.path));
    // The last frame the camera gave is the last in the file.
    CHECK(summary.last->sequence == Monitor::camera().entries().back().info.sequence);
  }

  TEST_CASE("a camera that is lost while nothing is recorded can be started again") {
    StubEncoder::behave({});
    const TempFolder folder;
    Monitor monitor(stubEncoder);
    monitor.start(60);
    Running::frames(3);
    monitor.inject({.kind = Fault::Kind::Fail});
    CHECK(eventually([&] { return !monitor.events<CameraLostEvent>().empty(); }));
    CHECK(monitor.events<CameraLostEvent>()[0].code == "camera-lost");
    CHECK_FALSE(monitor.pipeline().status().camera);
    monitor.start(60);
    monitor.startRecording(folder.file("a.mp4"));
    monitor.stopRecording();
  }

  TEST_CASE("frames that a slow encoder cannot take are lost there") {
    Running running({.perFrame = std::chrono::milliseconds(40)});
    Running::frames(40);
    const RecordingSummary summary = running.monitor.stopRecording();
    checkSummary(summary, stubSequences(running.path));
    CHECK(summary.losses[Stage::Encoder] > 5);
    CHECK(running.told(Stage::Encoder) == summary.losses[Stage::Encoder]);
    CHECK(running.monitor.pipeline().status().losses[Stage::Encoder] ==
          summary.losses[Stage::Encoder]);
  }

  TEST_CASE(
      "an encoder that fails ends the recording; what came after its last packet is lost there") {
    Running running({.failAt = 25});
    // Whatever else there is to do, frames that come meanwhile are captured, and lost.
    running.monitor.pipeline().control().post([&] {
      CHECK(eventually([&] { return !running.monitor.events<ErrorEvent>().empty(); }));
      Running::frames(10);
    });
    const RecordingSummary summary = running.ended();
    CHECK(summary.reason == StopReason::EncoderFailed);
    CHECK(summary.written == 25);
    CHECK(summary.losses[Stage::Encoder] >= 10);
    checkSummary(summary, stubSequences(running.path));
    CHECK(running.monitor.events<ErrorEvent>()[0].code == "encoder-failed");
    // The camera goes on.
    Running::frames(3);
    StubEncoder::behave({});
    running.monitor.startRecording(running.folder.file("b.mp4"));
    running.monitor.stopRecording();
  }

  TEST_CASE("an encoder that fails before its first packet refuses the recording") {
    const TempFolder folder;
    StubEncoder::behave({.failAt = 0});
    Monitor monitor(stubEncoder);
    monitor.start(60);
    CHECK_THROWS_AS(monitor.startRecording(folder.file("a.mp4")), Error);
    CHECK(std::filesystem::is_empty(folder.path()));
    CHECK_FALSE(monitor.pipeline().status().recording);
  }

  TEST_CASE("a disk that takes no more ends the recording with what is on it") {
    Running running;
    Running::frames(10);
    const FileSizeLimit limit(4'000);
    const RecordingSummary summary = running.ended();
    CHECK(summary.reason == StopReason::DiskError);
    CHECK(summary.losses[Stage::Writer] > 0);
    checkSummary(summary, stubSequences(running.path));
    CHECK(running.monitor.events<ErrorEvent>().size() == 1);
    CHECK(running.monitor.events<ErrorEvent>()[0].code == "disk-error");
    CHECK(running.told(Stage::Writer) == summary.losses[Stage::Writer]);
  }
}

}  // namespace pimon
