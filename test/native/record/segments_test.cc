// A recording in several segments: joins, splits, logs, and what other programs make of the files.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/recorder_log.h"
#include "helpers/recording_files.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

struct Recording {
  explicit Recording(ContainerKind container = ContainerKind::Mp4, int64_t segmentNs = 0,
                     uint64_t segmentBytes = 0) {
    recorder.start({.folder = folder.path(),
                    .name = "a",
                    .container = container,
                    .segmentNs = segmentNs,
                    .segmentBytes = segmentBytes},
                   stubFormat());
  }
  // A keyframe every 30.
  void push(uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; ++i) recorder.push(stubPacket(i, 30));
  }
  RecordingSummary finish() { return recorder.finish(StopReason::Requested, {}); }

  TempFolder folder;
  RecorderLog log;
  Recorder recorder{log};
};

void checkJoins(const RecordingSummary& summary, const TempFolder& folder, uint64_t frames) {
  std::vector<uint64_t> sequences;
  std::vector<LogRow> rows;
  for (const SegmentFile& file : summary.files) {
    CHECK(file.closed);
    CHECK(file.firstFrame == rows.size());
    CHECK(file.bytes == std::filesystem::file_size(folder.file(file.video)));
    CHECK(file.logBytes == std::filesystem::file_size(folder.file(file.log)));
    const std::vector<LogRow> own = readLog(folder.file(file.log));
    const std::vector<uint64_t> shown = stubSequences(folder.file(file.video));
    CHECK(own.size() == file.frames);
    CHECK(shown.size() == file.frames);
    REQUIRE_FALSE(own.empty());
    CHECK(own.front().sensorNs == file.first->sensorNs);
    CHECK(own.back().sensorNs == file.last->sensorNs);
    CHECK(own.front().key);
    for (uint64_t i = 0; i < own.size(); ++i) CHECK(own[i].segmentFrame == i);
    rows.insert(rows.end(), own.begin(), own.end());
    sequences.insert(sequences.end(), shown.begin(), shown.end());
  }
  checkSummary(summary, sequences);
  REQUIRE(rows.size() == frames);
  for (uint64_t i = 0; i < frames; ++i) {
    CHECK(sequences[i] == i);
    CHECK(rows[i].frame == i);
    CHECK(rows[i].sensorNs == stubPacket(i)->info.sensorNs);
    CHECK(rows[i].wallUs == stubPacket(i)->info.wallUs);
    CHECK(rows[i].key == (i % 30 == 0));
  }
}

}  // namespace

TEST_SUITE("segments") {
  TEST_CASE("by duration: cut on keyframes, joined without a lost or doubled frame") {
    for (const ContainerKind container :
         {ContainerKind::Mp4, ContainerKind::Mkv, ContainerKind::H264}) {
      CAPTURE(name(container));
      Recording r(container, 2 * kSecondNs);
      r.push(0, 200);
      const RecordingSummary summary = r.finish();
      // 60 frames of 33.333333 ms each end 20 ns before 2 s are over: the next keyframe cuts.
      REQUIRE(summary.files.size() == 3);
      CHECK(summary.files[1].firstFrame == 90);
      CHECK(summary.files[2].firstFrame == 180);
      CHECK(summary.files[2].video == std::string("a_0002.") + name(container));
      CHECK(summary.files[2].log == "a_0002.frames.csv");
      CHECK(summary.segment == 2);
      if (container == ContainerKind::H264) continue;  // its packets are read below
      checkJoins(summary, r.folder, 200);
      CHECK(r.log.opened().size() == 3);
      CHECK(r.log.closed().size() == 3);
      CHECK(r.log.keyframesWanted() == 2);
    }
  }

  TEST_CASE("going on where a recording was broken off: numbers of files and frames follow") {
    const TempFolder folder;
    RecorderLog log;
    Recorder recorder(log);
    recorder.start({.folder = folder.path(),
                    .name = "a",
                    .firstSegment = 3,
                    .firstFrame = 1000,
                    .segmentNs = 2 * kSecondNs},
                   stubFormat());
    for (uint64_t i = 0; i < 100; ++i) recorder.push(stubPacket(i, 30));
    const RecordingSummary summary = recorder.finish(StopReason::Requested, {});
    REQUIRE(summary.files.size() == 2);
    CHECK(summary.written == 100);
    CHECK(summary.segment == 4);
    CHECK(summary.files[0].video == "a_0003.mp4");
    CHECK(summary.files[0].firstFrame == 1000);
    CHECK(summary.files[1].firstFrame == 1090);
    CHECK(readLog(folder.file("a_0004.frames.csv")).front().frame == 1090);
  }

  TEST_CASE("by size, or when asked, at the keyframe that is asked for") {
    Recording r(ContainerKind::Mp4, 0, 40'000);
    for (uint64_t i = 0; i < 90; ++i) r.recorder.push(stubPacket(i, 30, {}, 1'000));
    CHECK(eventually([&] { return r.recorder.progress().written == 90; }));
    CHECK(r.recorder.progress().segment == 1);
    CHECK(r.log.keyframesWanted() == 1);
    r.recorder.split();
    r.push(90, 100);
    const RecordingSummary summary = r.finish();
    REQUIRE(summary.files.size() == 3);
    CHECK(summary.files[1].firstFrame == 60);
    CHECK(summary.files[2].firstFrame == 90);
    checkJoins(summary, r.folder, 100);
  }

  TEST_CASE("other parameter sets begin another segment") {
    Recording r;
    r.push(0, 30);
    auto changed = std::make_shared<Packet>(*stubPacket(30, 30));
    changed->data[9] ^= 1;  // within the SPS
    r.recorder.push(changed);
    r.push(31, 40);
    const RecordingSummary summary = r.finish();
    REQUIRE(summary.files.size() == 2);
    CHECK(summary.files[1].firstFrame == 30);
  }

  TEST_CASE("the log says what was lost where, and what is known of each frame") {
    Recording r;
    r.recorder.push(stubPacket(0));
    Losses both = lost(Stage::Sensor, 2);
    both[Stage::Encoder] = 3;
    r.recorder.push(stubPacket(6, 30, both));
    auto known = std::make_shared<Packet>(*stubPacket(8, 30, lost(Stage::Source, 1)));
    known->info.exposureUs = 12'500;
    known->info.gain = 1.5F;
    r.recorder.push(known);
    const RecordingSummary summary = r.finish();
    std::ifstream file(r.folder.file(summary.files.at(0).log));
    std::string line;
    std::vector<std::string> lines;
    while (std::getline(file, line)) lines.push_back(line);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] + "\n" == frameLogHeader());
    CHECK(lines[1] == "0,0,5000000000,5000000,0,1,163,,,0,");
    CHECK(lines[2] == "1,1,5199999998,5199999,199999,0,201,,,5,sensor:2+encoder:3");
    CHECK(lines[3] == "2,2,5266666664,5266666,266666,0,201,12500,1.5,1,source");
    const std::vector<LogRow> rows = readLog(r.folder.file(summary.files[0].log));
    REQUIRE(rows.size() == 3);
    CHECK(rows[1].lostBefore.frames == both.frames);
    CHECK(rows[2].exposureUs == 12'500);
    CHECK(rows[2].gain == 1.5F);
    for (size_t i = 0; i < rows.size(); ++i) {
      std::string text;
      appendRow(text, rows[i]);
      CHECK(text == lines[i + 1] + "\n");
    }
  }

  TEST_CASE("what stands still for half a second reaches the files all the same") {
    Recording r;
    r.push(0, 4);
    CHECK(eventually([&] { return readLog(r.folder.file("a_0000.frames.csv")).size() == 4; }));
    CHECK(eventually([&] { return stubSequences(r.folder.file("a_0000.mp4")).size() == 4; }));
    r.push(40, 50);
    CHECK(eventually([&] { return readLog(r.folder.file("a_0000.frames.csv")).size() == 14; }));
    const RecordingSummary summary = r.finish();
    const VideoFile file = readVideo(r.folder.file(summary.files.at(0).video));
    REQUIRE(file.frames.size() == 14);
    CHECK(file.frames[4].ptsUs == 1'333'333);
  }

  TEST_CASE("a file that is in the way of the next segment ends the recording, and is left") {
    Recording r(ContainerKind::Mp4, kSecondNs);
    std::ofstream(r.folder.file("a_0001.mp4")) << "mine";
    r.push(0, 100);
    CHECK(eventually([&] { return !r.log.done().empty(); }));
    const RecordingSummary summary = r.finish();
    CHECK(summary.reason == StopReason::DiskError);
    CHECK(r.log.done()[0].error->code() == "name-invalid");
    CHECK(summary.written == 60);
    CHECK(summary.losses[Stage::Writer] == 40);
    REQUIRE(summary.files.size() == 1);
    CHECK(summary.files[0].closed);
    checkSummary(summary, stubSequences(r.folder.file("a_0000.mp4")));
    CHECK(std::filesystem::file_size(r.folder.file("a_0001.mp4")) == 4);
    CHECK_FALSE(std::filesystem::exists(r.folder.file("a_0001.frames.csv")));
  }
}

}  // namespace pimon
