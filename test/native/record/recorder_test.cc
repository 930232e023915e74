// The gate, the account and the end of a recording; the container is the real one, the pictures
// are not.
#include <doctest/doctest.h>

#include <filesystem>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/recorder_log.h"
#include "helpers/requests.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// A recorder that writes to a file of its own.
struct Recording {
  explicit Recording(int64_t maxDurationNs = 0) {
    recorder.start(requestFor(path, maxDurationNs), stubFormat());
  }

  TempFolder folder;
  std::string path = folder.file("a.mp4");
  RecorderLog log;
  Recorder recorder{log};
};

}  // namespace

TEST_SUITE("recorder") {
  TEST_CASE("what is pushed is in the file, the last frame too, and the figures are right") {
    Recording r;
    for (uint64_t i = 0; i < 100; ++i) r.recorder.push(stubPacket(i));
    const RecordingSummary summary = r.recorder.finish(StopReason::Requested, {});
    const std::vector<uint64_t> sequences = stubSequences(r.path);
    checkSummary(summary, sequences);
    CHECK(summary.written == 100);
    CHECK(summary.reason == StopReason::Requested);
    CHECK(summary.bytes == std::filesystem::file_size(r.path));
    REQUIRE(summary.files.size() == 1);
    CHECK(summary.files[0].video == "a.mp4");
    CHECK(summary.files[0].closed);
    CHECK(summary.medianUs == 33'333);
    CHECK(summary.maxUs == 33'333);
    CHECK(summary.losses.total() == 0);
    CHECK(summary.unsyncedMs == 0);
    CHECK(r.log.first()->sequence == 0);
    CHECK(r.log.done().empty());
  }

  TEST_CASE("the gate opens at the first keyframe, and what was lost before it is not counted") {
    Recording r;
    for (uint64_t i = 25; i < 40; ++i) r.recorder.push(stubPacket(i, 30, lost(Stage::Encoder, 1)));
    const RecordingSummary summary = r.recorder.finish(StopReason::Requested, {});
    CHECK(summary.first->sequence == 30);
    CHECK(summary.written == 10);
    CHECK(summary.losses[Stage::Encoder] == 9);
    CHECK(stubSequences(r.path).front() == 30);
  }

  TEST_CASE("a recording without a frame leaves no file") {
    Recording r;
    for (uint64_t i = 1; i < 10; ++i) r.recorder.push(stubPacket(i));
    const RecordingSummary summary =
        r.recorder.finish(StopReason::Requested, lost(Stage::Encoder, 5));
    CHECK(summary.written == 0);
    CHECK(summary.captured() == 0);
    CHECK_FALSE(summary.first);
    CHECK_FALSE(std::filesystem::exists(r.path));
  }

  TEST_CASE("gaps stand where frames are missing, by stage") {
    Recording r;
    r.recorder.push(stubPacket(0));
    r.recorder.push(stubPacket(3, 30, lost(Stage::Sensor, 2)));
    Losses both = lost(Stage::Source, 1);
    both[Stage::Encoder] = 3;
    r.recorder.push(stubPacket(8, 30, both));
    r.recorder.push(stubPacket(9));
    const RecordingSummary summary =
        r.recorder.finish(StopReason::CameraLost, lost(Stage::Writer, 4));
    checkSummary(summary, stubSequences(r.path));
    REQUIRE(summary.gaps.size() == 4);
    CHECK(summary.gaps[0].afterFrame == 1);
    CHECK(summary.gaps[0].frames == 2);
    CHECK(summary.gaps[0].stage == Stage::Sensor);
    CHECK(summary.gaps[0].sensorNs == stubPacket(3)->info.sensorNs);
    CHECK(summary.gaps[1].stage == Stage::Source);
    CHECK(summary.gaps[2].frames == 3);
    CHECK(summary.gaps[3].afterFrame == 4);
    CHECK(summary.gaps[3].stage == Stage::Writer);
    CHECK_FALSE(summary.gaps[3].sensorNs);
    CHECK(summary.captured() == 4 + 3 + 4);
    CHECK(r.log.losses().total() == 10);
    CHECK(summary.reason == StopReason::CameraLost);
  }

  TEST_CASE("losses beyond the list of gaps are still counted") {
    Recording r;
    const uint64_t frames = Recorder::kMaxGaps + 50;
    for (uint64_t i = 0; i < frames; ++i) {
      FrameInfo info;
      info.sequence = 2 * i;
      info.sensorNs = static_cast<int64_t>(i) * 1'000'000;
      r.recorder.push(stubPacket(info, i == 0, lost(Stage::Sensor, 1)));
    }
    const RecordingSummary summary = r.recorder.finish(StopReason::Requested, {});
    CHECK(summary.gaps.size() == Recorder::kMaxGaps);
    CHECK(summary.losses[Stage::Sensor] == frames - 1);
  }

  TEST_CASE("frames lost just before the end of the duration are counted, later ones are not") {
    Recording r(kSecondNs);  // frames 0 … 30
    for (uint64_t i = 0; i < 20; ++i) r.recorder.push(stubPacket(i));
    Losses both = lost(Stage::Source, 4);
    both[Stage::Encoder] = 16;
    r.recorder.push(stubPacket(40, 30, both));
    const RecordingSummary summary = r.recorder.finish(StopReason::Requested, {});
    CHECK(summary.reason == StopReason::Duration);
    CHECK(summary.written == 20);
    CHECK(summary.losses[Stage::Source] == 4);
    CHECK(summary.losses[Stage::Encoder] == 7);
  }

  TEST_CASE("a duration ends it at the exact frame, by sensor time, and what follows is no loss") {
    Recording r(kSecondNs);
    for (uint64_t i = 0; i < 45; ++i)
      r.recorder.push(stubPacket(i, 30, lost(Stage::Sensor, i > 31)));
    CHECK(eventually([&] { return !r.log.done().empty(); }));
    CHECK(r.log.done()[0].reason == StopReason::Duration);
    CHECK_FALSE(r.log.done()[0].error);
    const RecordingSummary summary =
        r.recorder.finish(StopReason::Requested, lost(Stage::Encoder, 2));
    CHECK(summary.reason == StopReason::Duration);
    // Frame 30 of 33.333333 ms each begins 10 ns before the second is over.
    CHECK(summary.written == 31);
    CHECK(summary.losses.total() == 0);
    checkSummary(summary, stubSequences(r.path));
    CHECK(r.log.done().size() == 1);
  }

  TEST_CASE("its progress can be read while it runs") {
    Recording r;
    r.recorder.push(stubPacket(0));
    CHECK(eventually([&] { return r.recorder.progress().written == 1; }));
    for (uint64_t i = 1; i < 40; ++i) r.recorder.push(stubPacket(i));
    CHECK(eventually([&] { return r.recorder.progress().written == 40; }));
    const RecordingProgress progress = r.recorder.progress();
    CHECK(progress.first->sequence == 0);
    CHECK(progress.last->sequence == 39);
    CHECK(progress.bytes > 0);
    // Of what was handed to the kernel the disk hears at once.
    CHECK(eventually([&] { return r.recorder.progress().unsyncedMs == 0; }));
    r.recorder.finish(StopReason::Requested, {});
  }

  TEST_CASE("a recorder that is dropped without being finished still closes its file") {
    const TempFolder folder;
    const std::string path = folder.file("a.mp4");
    RecorderLog log;
    {
      Recorder recorder(log);
      recorder.start(requestFor(path), stubFormat());
      for (uint64_t i = 0; i < 20; ++i) recorder.push(stubPacket(i));
    }
    CHECK(stubSequences(path).size() == 20);
  }
}

}  // namespace pimon
