// Segments that were never closed: cut at every byte, corrupted, killed in the middle of closing.
#include "record/repair.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "helpers/recorder_log.h"
#include "helpers/recording_files.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"
#include "record/log_survey.h"
#include "record/segment.h"

namespace pimon {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kFrames = 50;
constexpr size_t kFrameBytes = 24;
constexpr const char* kMemory = "/dev/shm";
constexpr ContainerKind kKinds[] = {ContainerKind::Mp4, ContainerKind::Mkv, ContainerKind::H264};

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A segment as a killed process leaves it: 50 frames in four fragments, a keyframe every 10th.
struct Unclosed {
  explicit Unclosed(ContainerKind kind) : ending(name(kind)) {
    Segment segment(makeContainer(kind), [](const Error&) {});
    segment.open({folder.path(), "a", ending}, stubFormat(), 100);
    for (uint64_t i = 0; i < kFrames; ++i) {
      segment.write(picture(i), i == 20 ? oneLost() : Losses{});
      if (segment.file().bytes != (whole.empty() ? 0 : whole.back().first)) {
        whole.emplace_back(segment.file().bytes, i);
      }
    }
    segment.flush(std::nullopt);
    whole.emplace_back(segment.file().bytes, kFrames);
    video = contents(folder.file("a." + ending));
    log = contents(folder.file("a.frames.csv"));
    segment.close();
    closed = contents(folder.file("a." + ending));
  }

  // A stub with the bit that a slice's data begins with where it begins a picture.
  static Packet picture(uint64_t i) {
    Packet packet = *stubPacket(i, 10, {}, kFrameBytes);
    const std::string mark = "frame";
    const auto at = std::search(packet.data.begin(), packet.data.end(), mark.begin(), mark.end());
    packet.data.insert(at, 0x88);
    return packet;
  }

  static Losses oneLost() {
    Losses losses;
    losses[Stage::Encoder] = 1;
    return losses;
  }

  // Lays the files out anew, and repairs them.
  RepairedSegment repair(const std::string& videoBytes, const std::string& logBytes) const {
    for (const auto& entry : fs::directory_iterator(folder.path())) fs::remove(entry.path());
    put(path(), videoBytes);
    put(folder.file("a.frames.csv"), logBytes);
    return repairSegment(path(), 7);
  }
  std::string path() const { return folder.file("a." + ending); }

  // Frames in the fragments that are whole once the file has so many bytes.
  uint64_t wholeFrames(uint64_t bytes) const {
    uint64_t frames = 0;
    for (const auto& [end, count] : whole) {
      if (end <= bytes) frames = count;
    }
    return frames;
  }

  // What must hold after every repair; returns the rows.
  std::vector<LogRow> check(const RepairedSegment& repaired, uint64_t atLeast) const {
    CHECK(repaired.frames >= atLeast);
    const std::vector<LogRow> rows = readLog(folder.file("a.frames.csv"));
    CHECK(rows.size() == repaired.frames);
    CHECK(repaired.bytes == fs::file_size(path()));
    for (uint64_t i = 0; i < rows.size(); ++i) CHECK(rows[i].segmentFrame == i);
    if (ending != "h264") {
      const std::vector<uint64_t> shown = stubSequences(path());
      REQUIRE(shown.size() == repaired.frames);
      for (uint64_t i = 0; i < shown.size(); ++i) CHECK(shown[i] == i);
    } else {
      uint64_t bytes = 0;
      for (const LogRow& row : rows) bytes += row.stored.bytes;
      CHECK(bytes == repaired.bytes);
    }
    // Nothing is left to be done.
    const RepairedSegment again = repairSegment(path(), 7);
    CHECK(again.wasClosed);
    CHECK(again.frames == repaired.frames);
    return rows;
  }

  std::string ending;
  TempFolder folder{kMemory};                        // thousands of repairs, each of which syncs
  std::vector<std::pair<uint64_t, uint64_t>> whole;  // bytes, frames
  std::string video;
  std::string log;
  std::string closed;
};

}  // namespace

TEST_SUITE("repair") {
  TEST_CASE("cut at any byte, a segment keeps every frame of its whole fragments") {
    for (const ContainerKind kind : kKinds) {
      const Unclosed unclosed(kind);
      CAPTURE(unclosed.ending);
      REQUIRE(unclosed.whole.size() >= 4);
      for (size_t cut = 0; cut <= unclosed.video.size(); ++cut) {
        CAPTURE(cut);
        const uint64_t wholeFrames = unclosed.wholeFrames(cut);
        const std::string video = unclosed.video.substr(0, cut);
        try {
          const RepairedSegment repaired = unclosed.repair(video, unclosed.log);
          const auto rows = unclosed.check(repaired, wholeFrames);
          CHECK(repaired.firstFrame == 100);
          CHECK(repaired.rowsMade == 0);
          if (!repaired.tail.empty()) {
            CHECK(contents(unclosed.folder.file(repaired.tail)) ==
                  video.substr(cut - repaired.tailBytes));
          }
          // The rows that have no frame are kept as well.
          const bool cutLog = repaired.frames < kFrames;
          CHECK(fs::exists(unclosed.folder.file("a.frames.csv.tail")) == cutLog);
        } catch (const Error& error) {
          CHECK(error.code() == "no-frames");
          CHECK(wholeFrames == 0);
          CHECK(contents(unclosed.path()) == video);
          CHECK(contents(unclosed.folder.file("a.frames.csv")) == unclosed.log);
        }
      }
    }
  }

  TEST_CASE("whatever stands in the tail, frames before it stay") {
    std::mt19937 random(11);
    for (const ContainerKind kind : kKinds) {
      const Unclosed unclosed(kind);
      CAPTURE(unclosed.ending);
      for (int round = 0; round < 300; ++round) {
        std::string video = unclosed.video;
        const size_t from =
            unclosed.whole[1].first + random() % (video.size() - unclosed.whole[1].first);
        for (size_t i = from; i < video.size(); ++i) {
          if (round % 3 == 0) video[i] = 0;
          if (round % 3 == 1 || random() % 16 == 0) video[i] = static_cast<char>(random());
        }
        CAPTURE(round);
        const RepairedSegment repaired = unclosed.repair(video, unclosed.log);
        CHECK(repaired.frames >= unclosed.wholeFrames(from));
        CHECK(readLog(unclosed.folder.file("a.frames.csv")).size() == repaired.frames);
        if (kind != ContainerKind::H264) {
          CHECK(readVideo(unclosed.path()).frames.size() == repaired.frames);
        }
      }
    }
  }

  TEST_CASE("rows that the log has lost are made from the video") {
    for (const ContainerKind kind : kKinds) {
      const Unclosed unclosed(kind);
      CAPTURE(unclosed.ending);
      for (size_t cut = 0; cut <= unclosed.log.size(); cut += 31) {
        CAPTURE(cut);
        const RepairedSegment repaired =
            unclosed.repair(unclosed.video, unclosed.log.substr(0, cut));
        const std::vector<LogRow> rows = unclosed.check(repaired, kFrames - 1);
        const uint64_t kept = rows.size() - repaired.rowsMade;
        CHECK(repaired.firstFrame == (kept == 0 ? 7 : 100));
        for (uint64_t i = 0; i < rows.size(); ++i) {
          CHECK(rows[i].key == (i % 10 == 0));
          const int64_t sensorNs = stubPacket(i)->info.sensorNs;
          if (i < kept) CHECK(rows[i].sensorNs == sensorNs);
          if (i < kept || kept == 0 || kind == ContainerKind::H264) continue;
          REQUIRE(rows[i].sensorNs);
          const int64_t error = kind == ContainerKind::Mp4 ? 2'000 : 1'000'000;
          CHECK(std::abs(*rows[i].sensorNs - sensorNs) <= error);
        }
      }
      const RepairedSegment none = unclosed.repair(unclosed.video, "");
      CHECK(none.frames >= kFrames - 1);
      CHECK_FALSE(none.firstSensorNs);
    }
  }

  TEST_CASE("killed while it is closed, it plays, and is closed again") {
    for (const ContainerKind kind : {ContainerKind::Mp4, ContainerKind::Mkv}) {
      const Unclosed unclosed(kind);
      CAPTURE(unclosed.ending);
      // The index is appended first, and the head written when it is on the disk.
      for (size_t end = unclosed.video.size(); end <= unclosed.closed.size(); end += 11) {
        CAPTURE(end);
        const std::string between =
            unclosed.video +
            unclosed.closed.substr(unclosed.video.size(), end - unclosed.video.size());
        put(unclosed.path(), between);
        CHECK(readVideo(unclosed.path()).frames.size() == kFrames);
        const RepairedSegment repaired = unclosed.repair(between, unclosed.log);
        CHECK(repaired.frames == kFrames);
        CHECK_FALSE(repaired.wasClosed);
        CHECK(contents(unclosed.path()) == unclosed.closed);
      }
      const RepairedSegment closed = unclosed.repair(unclosed.closed, unclosed.log);
      CHECK(closed.wasClosed);
      CHECK(closed.frames == kFrames);
      CHECK(contents(unclosed.path()) == unclosed.closed);
    }
  }

  TEST_CASE("a file that is no recording is left alone") {
    const TempFolder folder;
    const auto codeOf = [&](const std::string& name, const std::string& bytes) {
      put(folder.file(name), bytes);
      try {
        repairSegment(folder.file(name), 0);
      } catch (const Error& error) {
        CHECK(contents(folder.file(name)) == bytes);
        return error.code();
      }
      return std::string("repaired");
    };
    CHECK(codeOf("a.mp4", "") == "no-frames");
    CHECK(codeOf("a.mkv", std::string(5000, '\0')) == "no-frames");
    CHECK(codeOf("a.h264", "hello") == "no-frames");
    CHECK(codeOf("a.txt", "hello") == "invalid-value");
    CHECK_THROWS_AS(repairSegment(folder.file("none.mp4"), 0), Error);
  }

  TEST_CASE("a segment that is being written is left alone") {
    const TempFolder folder;
    RecorderLog log;
    Recorder recorder(log);
    recorder.start({.folder = folder.path(), .name = "a"}, stubFormat());
    try {
      repairSegment(folder.file("a_0000.mp4"), 0);
      FAIL("it was repaired");
    } catch (const Error& error) {
      CHECK(error.code() == "recording-running");
    }
    recorder.push(stubPacket(0, 30));
    CHECK(recorder.finish(StopReason::Requested, {}).written == 1);
    CHECK(repairSegment(folder.file("a_0000.mp4"), 0).wasClosed);
  }

  TEST_CASE("the logs of a recording tell its account") {
    const Unclosed unclosed(ContainerKind::Mp4);
    const LogSurvey survey = surveyLogs({unclosed.folder.file("a.frames.csv")});
    CHECK(survey.frames == kFrames);
    CHECK(survey.losses[Stage::Encoder] == 1);
    CHECK(survey.losses.total() == 1);
    REQUIRE(survey.gaps.size() == 1);
    CHECK(survey.gaps[0].afterFrame == 20);
    CHECK(survey.gaps[0].sensorNs == stubPacket(20)->info.sensorNs);
    CHECK(survey.medianUs == 33'333);
    CHECK(survey.firstSensorNs == stubPacket(0)->info.sensorNs);
    CHECK(survey.lastWallUs == stubPacket(kFrames - 1)->info.wallUs);
    CHECK_THROWS_AS(surveyLogs({unclosed.folder.file("none.csv")}), Error);
  }
}

}  // namespace pimon
