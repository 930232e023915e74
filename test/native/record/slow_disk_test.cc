// A disk that stalls: the ring before it holds some seconds, and beyond them whole GOPs are dropped
// and counted.
#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/recorder_log.h"
#include "helpers/recording_files.h"
#include "helpers/requests.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

// While it is shut, whoever writes a fragment waits.
class Gate {
 public:
  void shut() { set(true); }
  void open() { set(false); }
  void pass() {
    std::unique_lock lock(mutex_);
    waiting_ = shut_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !shut_; });
  }
  void waitForSomebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
  }

 private:
  void set(bool shut) {
    const std::lock_guard lock(mutex_);
    shut_ = shut;
    waiting_ = false;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool shut_ = false;
  bool waiting_ = false;
};
Gate gate;

class StallingContainer final : public Container {
 public:
  void open(const std::string& path, const StreamFormat& format) override {
    real_->open(path, format);
  }
  Stored write(const Packet& packet) override { return real_->write(packet); }
  void flush(std::optional<int64_t> nextSensorNs) override {
    gate.pass();
    real_->flush(nextSensorNs);
  }
  void close() override { real_->close(); }
  void revert() override { real_->revert(); }
  uint64_t bytes() const override { return real_->bytes(); }
  int fd() const override { return real_->fd(); }

 private:
  std::unique_ptr<Container> real_ = makeContainer(ContainerKind::Mp4);
};

std::unique_ptr<Container> stalling(ContainerKind /*kind*/) {
  return std::make_unique<StallingContainer>();
}

// 10 Mb/s at 30 frames a second.
constexpr size_t kFrameBytes = 10'000'000 / 8 / 30;

// Records `frames` while the disk stands still after the first 30.
RecordingSummary recordOverStall(const TempFolder& folder, uint64_t frames) {
  RecorderLog log;
  Recorder recorder(log, stalling);
  recorder.start(requestFor(folder.file("a.mp4")), stubFormat());
  gate.shut();
  uint64_t i = 0;
  for (; i < 30; ++i) recorder.push(stubPacket(i, 30, {}, kFrameBytes));
  gate.waitForSomebody();
  for (; i < frames; ++i) recorder.push(stubPacket(i, 30, {}, kFrameBytes));
  gate.open();
  // What fits in again comes behind the gap.
  // The writer waits with frame 15, behind which the ring holds 10 s.
  const uint64_t held = std::min<uint64_t>(frames, 16 + 301);
  CHECK(eventually([&] { return recorder.progress().written >= held; }));
  for (; i < frames + 60; ++i) recorder.push(stubPacket(i, 30, {}, kFrameBytes));
  return recorder.finish(StopReason::Requested, {});
}

}  // namespace

TEST_SUITE("slow disk") {
  TEST_CASE("6 s of 10 Mb/s are held, and nothing is lost") {
    const TempFolder folder;
    const RecordingSummary summary = recordOverStall(folder, 30 + 6 * 30);
    CHECK(summary.losses.total() == 0);
    CHECK(summary.written == 270);
    checkSummary(summary, stubSequences(folder.file("a.mp4")));
  }

  TEST_CASE("beyond what is held whole GOPs are dropped, and counted where they are missing") {
    const TempFolder folder;
    const RecordingSummary summary = recordOverStall(folder, 30 + 20 * 30);
    const std::vector<uint64_t> sequences = stubSequences(folder.file("a.mp4"));
    checkSummary(summary, sequences);
    CHECK(summary.losses[Stage::Writer] > 200);
    CHECK(summary.losses[Stage::Writer] == summary.losses.total());
    REQUIRE(summary.gaps.size() == 1);
    const std::vector<LogRow> rows = readLog(folder.file("a.frames.csv"));
    REQUIRE(rows.size() == sequences.size());
    const LogRow& behind = rows.at(summary.gaps[0].afterFrame);
    CHECK(behind.key);
    CHECK(behind.lostBefore[Stage::Writer] == summary.losses[Stage::Writer]);
    CHECK(behind.sensorNs == summary.gaps[0].sensorNs);
  }
}

}  // namespace pimon
