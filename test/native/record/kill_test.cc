// A recording whose process is killed: what the file still holds, and what a repair makes of it.
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "helpers/eventually.h"
#include "helpers/recorder_log.h"
#include "helpers/recording_files.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"
#include "record/repair.h"
#include "support/clock.h"

namespace pimon {

namespace {

constexpr int kKills = 20;
constexpr double kFps = 60;
constexpr int64_t kMostLostNs = 600'000'000;

// What the process to be killed tells of: the frames pushed, and when.
struct Told {
  std::atomic<uint64_t> pushed;
  std::atomic<int64_t> pushedNs[10'000];
};

Told* shareTold() {
  void* memory =
      ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  return new (memory) Told{};
}

// In the process to be killed: records in real time, in segments of 1 s.
[[noreturn]] void recordForever(const std::string& folder, ContainerKind kind, Told& told) {
  RecorderLog log;
  Recorder recorder(log);
  StreamFormat format = stubFormat();
  format.fps = kFps;
  recorder.start({.folder = folder, .name = "a", .container = kind, .segmentNs = 1'000'000'000},
                 format);
  const int64_t beginNs = monotonicNs();
  for (uint64_t i = 0;; ++i) {
    FrameInfo info;
    info.sequence = i;
    info.sensorNs = beginNs + static_cast<int64_t>(static_cast<double>(i) * 1e9 / kFps);
    std::this_thread::sleep_for(std::chrono::nanoseconds(info.sensorNs - monotonicNs()));
    info.wallUs = info.sensorNs / 1000;
    recorder.push(stubPacket(info, i % 20 == 0, {}, 2'000));
    told.pushedNs[i] = monotonicNs();
    told.pushed = i + 1;
  }
}

}  // namespace

TEST_SUITE("kill") {
  TEST_CASE("at any moment, at most 0.6 s are lost, and a repair makes the files whole") {
    std::mt19937 random(5);
    for (int round = 0; round < kKills; ++round) {
      CAPTURE(round);
      const auto kind = static_cast<ContainerKind>(round % 3);
      const TempFolder folder;
      Told& told = *shareTold();
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) recordForever(folder.path(), kind, told);
      CHECK(eventually([&] { return told.pushed >= 40 + random() % 80; }));
      ::kill(child, SIGKILL);
      const int64_t killedNs = monotonicNs();
      ::waitpid(child, nullptr, 0);

      uint64_t frames = 0;
      const std::string ending = std::string(".") + name(kind);
      for (uint32_t segment = 0;; ++segment) {
        const std::string stem = folder.file("a_000" + std::to_string(segment));
        if (!std::filesystem::exists(stem + ending)) break;
        const uint64_t playable =
            kind == ContainerKind::H264 ? 0 : readVideo(stem + ending).frames.size();
        if (playable == 0 && std::filesystem::file_size(stem + ending) == 0) break;
        RepairedSegment repaired;
        try {
          repaired = repairSegment(stem + ending, frames);
        } catch (const Error&) {
          break;  // killed before it had a frame
        }
        CHECK(repaired.frames >= playable);
        CHECK(repaired.rowsMade == 0);
        const std::vector<LogRow> rows = readLog(stem + ".frames.csv");
        REQUIRE(rows.size() == repaired.frames);
        for (const LogRow& row : rows) CHECK(row.frame == frames++);
        if (kind == ContainerKind::H264) continue;
        const std::vector<uint64_t> shown = stubSequences(stem + ending);
        REQUIRE(shown.size() == rows.size());
        for (size_t i = 0; i < rows.size(); ++i) CHECK(shown[i] == rows[i].frame);
      }
      // Frames that were there 0.6 s before the kill are in the files.
      const uint64_t pushed = told.pushed;
      CHECK(frames <= pushed);
      uint64_t due = 0;
      while (due < pushed && told.pushedNs[due] < killedNs - kMostLostNs) ++due;
      CHECK(frames >= due);
      ::munmap(&told, sizeof told);
    }
  }
}

}  // namespace pimon
