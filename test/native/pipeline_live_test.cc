// Live video beside recordings, which share one encoder; it is a stub.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/monitor.h"
#include "helpers/stub_encoder.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

constexpr size_t kHeader = 24;

// What is watched and recorded, at 60 frames a second.
struct Watched {
  explicit Watched(const StubEncoder::Behaviour& behaviour = {}) : monitor(stubEncoder) {
    StubEncoder::behave(behaviour);
    monitor.start(60);
  }

  void watch(bool on, const EncoderSettings& settings = {}) {
    watch(VideoClass::Full, on, settings);
  }
  void watch(VideoClass videoClass, bool on, const EncoderSettings& settings = {}) {
    monitor.control([&] {
      monitor.pipeline().setLiveVideo(videoClass, on, settings);
      return true;
    });
  }
  // The numbers of the frames that the viewers of a class got.
  std::vector<uint64_t> seen(VideoClass videoClass = VideoClass::Full) const {
    std::vector<uint64_t> sequences;
    for (const LiveMessage& message : monitor.video()) {
      if (message.type == MessageType::Mp4Init || message.videoClass != videoClass) continue;
      const std::span<const uint8_t> payload(message.bytes.begin() + kHeader, message.bytes.end());
      sequences.push_back(stubSequence(payload).value_or(0));
    }
    return sequences;
  }
  size_t inits() const {
    size_t count = 0;
    for (const LiveMessage& message : monitor.video()) {
      if (message.type == MessageType::Mp4Init) ++count;
    }
    return count;
  }
  void more(size_t frames, VideoClass videoClass = VideoClass::Full) const {
    const size_t before = seen(videoClass).size();
    CHECK(eventually([&] { return seen(videoClass).size() >= before + frames; }));
  }
  bool encodes() { return monitor.pipeline().status().encoder.has_value(); }
  // One encoder made both what was recorded and what was seen, each frame once.
  void checkShared(const std::vector<uint64_t>& recorded) const {
    const std::vector<uint64_t> sequences = seen();
    CHECK(std::adjacent_find(sequences.begin(), sequences.end(), std::greater_equal<>()) ==
          sequences.end());
    CHECK(std::includes(sequences.begin(), sequences.end(), recorded.begin(), recorded.end()));
    CHECK(inits() == 1);
    CHECK(StubEncoder::starts() == 1);
  }

  TempFolder folder;
  Monitor monitor;
};

}  // namespace

TEST_SUITE("pipeline: live video") {
  TEST_CASE("the encoder runs while somebody watches, and not longer") {
    Watched watched;
    CHECK_FALSE(watched.encodes());
    watched.watch(true);
    CHECK(watched.encodes());
    watched.more(10);
    watched.checkShared({});
    watched.watch(false);
    CHECK_FALSE(watched.encodes());
    const size_t before = watched.seen().size();
    const size_t frames = Monitor::camera().size();
    CHECK(eventually([&] { return Monitor::camera().size() > frames + 5; }));
    CHECK(watched.seen().size() == before);
    CHECK(watched.monitor.pipeline().status().liveFrames == before);
  }

  TEST_CASE("recordings that come and go are not felt by who watches, nor he by them") {
    Watched watched;
    watched.watch(true);
    watched.more(5);
    for (const char* name : {"a.mp4", "b.mp4", "c.mp4"}) {
      const std::string path = watched.folder.file(name);
      const uint64_t newest = Monitor::camera().entries().back().info.sequence;
      const RecordingStarted started = watched.monitor.startRecording(path);
      CHECK(started.first->sequence <= newest + 4);
      watched.more(15);
      const uint64_t before = Monitor::camera().entries().back().info.sequence;
      const RecordingSummary summary = watched.monitor.stopRecording();
      checkSummary(summary, stubSequences(path));
      // Up to the frame that came last (one was perhaps on its way), or the losses say so.
      CHECK(summary.last->sequence + summary.losses.total() + 1 >= before);
      watched.more(5);
      watched.checkShared(stubSequences(path));
    }
    watched.watch(false);
    CHECK_FALSE(watched.encodes());
  }

  TEST_CASE("who begins or ends to watch during a recording is not felt by it") {
    Watched watched;
    const std::string path = watched.folder.file("a.mp4");
    watched.monitor.startRecording(path);
    for (int i = 0; i < 3; ++i) {
      watched.watch(true);
      watched.more(3);
      watched.watch(false);
    }
    watched.watch(true);
    const RecordingSummary summary = watched.monitor.stopRecording();
    checkSummary(summary, stubSequences(path));
    CHECK(watched.encodes());
    CHECK(StubEncoder::starts() == 1);
    watched.more(3);
    watched.watch(false);
    watched.monitor.startRecording(watched.folder.file("b.mp4"));
    watched.monitor.stopRecording();
    CHECK_FALSE(watched.encodes());
  }

  TEST_CASE("a viewer's keyframe is made, but not in a recording") {
    Watched watched;
    EncoderSettings settings;
    settings.gop = std::chrono::seconds(60);
    watched.watch(true, settings);
    watched.more(5);
    const auto keys = [&] {
      size_t count = 0;
      for (const LiveMessage& message : watched.monitor.video()) count += message.key ? 1 : 0;
      return count;
    };
    CHECK(keys() == 1);
    watched.monitor.pipeline().requestLiveKeyframe(VideoClass::Full);
    CHECK(eventually([&] { return keys() == 2; }));
    watched.monitor.control([&] {
      return watched.monitor.pipeline().startRecording(
          {.folder = watched.folder.path(), .name = "a", .numbered = false}, settings);
    });
    CHECK(eventually([&] { return keys() == 3; }));
    watched.monitor.pipeline().requestLiveKeyframe(VideoClass::Full);
    watched.more(10);
    CHECK(keys() == 3);
    watched.monitor.stopRecording();
  }

  TEST_CASE("frames that a slow encoder cannot take are accounted for where a recording ends") {
    Watched watched({.perFrame = std::chrono::milliseconds(30)});
    watched.watch(true);
    for (const char* name : {"a.mp4", "b.mp4", "c.mp4", "d.mp4"}) {
      const std::string path = watched.folder.file(name);
      watched.monitor.startRecording(path);
      watched.more(12);
      const RecordingSummary summary = watched.monitor.stopRecording();
      checkSummary(summary, stubSequences(path));
      CHECK(summary.losses[Stage::Encoder] > 0);
    }
  }

  TEST_CASE("an encoder that fails can be tried again, with and without a recording") {
    Watched watched({.failAt = 10});
    watched.watch(true);
    CHECK(eventually([&] { return !watched.encodes(); }));
    CHECK(watched.monitor.events<ErrorEvent>().at(0).code == "encoder-failed");
    watched.watch(true);
    watched.more(3);
    watched.monitor.startRecording(watched.folder.file("a.mp4"));
    StubEncoder::behave({});  // of the next
    CHECK(eventually([&] { return !watched.monitor.events<RecordingEndedEvent>().empty(); }));
    const RecordingSummary summary = watched.monitor.events<RecordingEndedEvent>()[0].summary;
    CHECK(summary.reason == StopReason::EncoderFailed);
    checkSummary(summary, stubSequences(watched.folder.file("a.mp4")));
    watched.more(20);
  }

  TEST_CASE("an encoder that does not start is told to who wants to watch") {
    Watched watched({.refuse = true});
    CHECK_THROWS_AS(watched.watch(true), Error);
    StubEncoder::behave({});
    watched.watch(true);
    watched.more(3);
  }

  TEST_CASE("a recording that asks for another encoder gets it, and who watches goes on") {
    Watched watched;
    EncoderSettings settings;
    settings.preset = "medium";
    watched.watch(true, settings);
    watched.more(5);
    watched.monitor.startRecording(watched.folder.file("a.mp4"));
    watched.more(5);
    const RecordingSummary summary = watched.monitor.stopRecording();
    checkSummary(summary, stubSequences(watched.folder.file("a.mp4")));
    watched.more(5);
  }

  TEST_CASE("the small class has an encoder of its own, while somebody watches it") {
    Watched watched;
    watched.watch(VideoClass::Small, true);
    watched.more(5, VideoClass::Small);
    CHECK_FALSE(watched.encodes());
    CHECK(watched.seen().empty());
    const std::string path = watched.folder.file("a.mp4");
    watched.monitor.startRecording(path);
    watched.more(5, VideoClass::Small);
    watched.watch(VideoClass::Small, true);  // said again
    const RecordingSummary summary = watched.monitor.stopRecording();
    checkSummary(summary, stubSequences(path));
    CHECK(StubEncoder::starts() == 2);
    const std::vector<uint64_t> small = watched.seen(VideoClass::Small);
    CHECK(std::adjacent_find(small.begin(), small.end(), std::greater_equal<>()) == small.end());
    CHECK(watched.inits() == 1);

    watched.watch(VideoClass::Small, false);
    const size_t frames = Monitor::camera().size();
    const size_t before = watched.seen(VideoClass::Small).size();
    CHECK(eventually([&] { return Monitor::camera().size() > frames + 10; }));
    CHECK(watched.seen(VideoClass::Small).size() == before);
    const SmallVideo::Counts counts = watched.monitor.pipeline().status().small;
    CHECK(counts.frames == before);
    watched.watch(VideoClass::Small, true);
    watched.more(5, VideoClass::Small);
    CHECK(watched.inits() == 2);
  }

  TEST_CASE("a small class that is slow leaves pictures out and holds no frame") {
    Watched watched;
    watched.monitor.startRecording(watched.folder.file("a.mp4"));
    StubEncoder::behave({.perFrame = std::chrono::milliseconds(200)});
    watched.watch(VideoClass::Small, true);
    const auto skipped = [&] { return watched.monitor.pipeline().status().small.skipped; };
    CHECK(eventually([&] { return skipped() >= 5; }));
    const RecordingSummary summary = watched.monitor.stopRecording();
    checkSummary(summary, stubSequences(watched.folder.file("a.mp4")));
    // Not those of the recording's encoder: the stub's own queue is shorter than a busy machine
    // waits.
    CHECK(summary.losses[Stage::Source] == 0);
    watched.monitor.stop();  // with frames in it
    checkAccount(Monitor::camera().entries());
  }

  TEST_CASE("a small class that fails is told, harms nothing, and can be tried again") {
    Watched watched;
    watched.watch(true);
    StubEncoder::behave({.failAt = 3});
    watched.watch(VideoClass::Small, true);
    CHECK(eventually([&] { return !watched.monitor.events<ErrorEvent>().empty(); }));
    watched.more(5);
    StubEncoder::behave({.refuse = true});
    CHECK_THROWS_AS(watched.watch(VideoClass::Small, true), Error);
    StubEncoder::behave({});
    watched.watch(VideoClass::Small, true);
    watched.more(5, VideoClass::Small);
    watched.more(5);
  }

  TEST_CASE("the small class too outlasts the camera") {
    Watched watched;
    watched.watch(VideoClass::Small, true);
    watched.more(5, VideoClass::Small);
    watched.monitor.stop();
    watched.monitor.start(60, 640, 360);
    watched.more(5, VideoClass::Small);
    CHECK(watched.inits() == 2);
  }

  TEST_CASE("the camera may be stopped and started under who watches") {
    Watched watched;
    watched.watch(true);
    watched.more(5);
    watched.monitor.stop();
    watched.monitor.start(60, 640, 360);
    watched.more(5);
    CHECK(watched.inits() == 2);
  }
}

}  // namespace pimon
