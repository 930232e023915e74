// A disk that takes no more: the account still holds, and the file is whole as far as it goes.
#include <doctest/doctest.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <new>

#include "helpers/account.h"
#include "helpers/eventually.h"
#include "helpers/process.h"
#include "helpers/recorder_log.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"
#include "support/unique_fd.h"

namespace pimon {

namespace {

constexpr size_t kRoom = 200'000;
constexpr uint64_t kFrames = 120;
constexpr size_t kFrameBytes = 4'000;

// Records more than fits, and checks what comes of it. `code` is the error's.
void overfill(const std::string& path, const std::string& code) {
  RecorderLog log;
  Recorder recorder(makeMp4Container(), log);
  recorder.start({.path = path}, stubFormat());
  for (uint64_t i = 0; i < kFrames; ++i) recorder.push(stubPacket(i, 30, {}, kFrameBytes));
  CHECK(eventually([&] { return !log.done().empty(); }));
  CHECK(log.done()[0].reason == StopReason::DiskError);
  REQUIRE(log.done()[0].error);
  CHECK(log.done()[0].error->code() == code);
  recorder.push(stubPacket(kFrames));
  const RecordingSummary summary = recorder.finish(StopReason::Requested, lost(Stage::Encoder, 2));

  CHECK(summary.reason == StopReason::DiskError);
  CHECK(log.done().size() == 1);
  CHECK(summary.written > 10);
  CHECK(summary.captured() == kFrames + 1 + 2);
  CHECK(summary.losses[Stage::Encoder] == 2);
  CHECK(log.losses().frames == summary.losses.frames);
  CHECK(summary.bytes == std::filesystem::file_size(path));
  const std::vector<uint64_t> sequences = stubSequences(path);
  checkSummary(summary, sequences);
  for (uint64_t i = 0; i < sequences.size(); ++i) CHECK(sequences[i] == i);
}

// A disk in memory of `bytes`, where this process may mount one.
class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& folder, size_t bytes) : folder_(folder) {
    const std::string options = "size=" + std::to_string(bytes);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount(folder_.c_str());
  }
  bool mounted() const { return mounted_; }

 private:
  std::filesystem::path folder_;
  bool mounted_;
};

// A container whose `failAt`-th frame fails in a way that is not the disk's.
class FailingContainer final : public Container {
 public:
  explicit FailingContainer(int failAt) : failAt_(failAt), real_(makeMp4Container()) {}

  void open(const std::string& path, const StreamFormat& format) override {
    real_->open(path, format);
  }
  void write(const Packet& packet) override {
    if (frames_++ == failAt_) throw std::bad_alloc();
    real_->write(packet);
  }
  void close() override { real_->close(); }
  uint64_t bytes() const override { return real_->bytes(); }
  int fd() const override { return real_->fd(); }

 private:
  int failAt_;
  int frames_ = 0;
  std::unique_ptr<Container> real_;
};

// A container on a disk that takes everything and acknowledges nothing: a pipe cannot be synced.
class UnsyncedContainer final : public Container {
 public:
  UnsyncedContainer() : real_(makeMp4Container()) {
    std::array<int, 2> ends{};
    CHECK(::pipe(ends.data()) == 0);
    out_.reset(ends[0]);
    in_.reset(ends[1]);
  }

  void open(const std::string& path, const StreamFormat& format) override {
    real_->open(path, format);
  }
  void write(const Packet& packet) override { real_->write(packet); }
  void close() override { real_->close(); }
  uint64_t bytes() const override { return real_->bytes(); }
  int fd() const override { return in_.get(); }

 private:
  std::unique_ptr<Container> real_;
  UniqueFd out_;
  UniqueFd in_;
};

// While it lives, this thread reads and writes files as somebody without rights.
class AsNobody {
 public:
  AsNobody() : before_(::setfsuid(kNobody)) {}
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() { ::setfsuid(static_cast<uid_t>(before_)); }

  static constexpr uid_t kNobody = 65'534;

 private:
  int before_;
};

}  // namespace

TEST_SUITE("disk errors") {
  TEST_CASE(
      "a file that cannot grow ends the recording; what is written decodes, the rest is counted") {
    const TempFolder folder;
    const FileSizeLimit limit(kRoom);
    overfill(folder.file("a.mp4"), "disk-error");
  }

  TEST_CASE("a full disk does so as well, and says that it is full") {
    const TempFolder folder;
    const SmallDisk disk(folder.path(), kRoom);
    // Without the right to mount there is no such disk here.
    if (disk.mounted()) overfill(folder.file("a.mp4"), "disk-full");
  }

  TEST_CASE("a disk that is full from the beginning leaves no file") {
    const TempFolder folder;
    const FileSizeLimit limit(100);
    RecorderLog log;
    Recorder recorder(makeMp4Container(), log);
    recorder.start({.path = folder.file("a.mp4")}, stubFormat());
    recorder.push(stubPacket(0));
    CHECK(eventually([&] { return !log.done().empty(); }));
    const RecordingSummary summary = recorder.finish(StopReason::Requested, {});
    CHECK(summary.written == 0);
    CHECK(summary.losses[Stage::Writer] == 1);
    CHECK_FALSE(std::filesystem::exists(folder.file("a.mp4")));
    CHECK_FALSE(log.first());
  }

  TEST_CASE("a failure of another kind is reported and accounted for just so") {
    const TempFolder folder;
    RecorderLog log;
    Recorder recorder(std::make_unique<FailingContainer>(50), log);
    recorder.start({.path = folder.file("a.mp4")}, stubFormat());
    for (uint64_t i = 0; i < kFrames; ++i) recorder.push(stubPacket(i));
    CHECK(eventually([&] { return !log.done().empty(); }));
    const RecordingSummary summary = recorder.finish(StopReason::Requested, {});
    CHECK(summary.captured() == kFrames);
    checkSummary(summary, stubSequences(folder.file("a.mp4")));
    CHECK(log.done()[0].error->code() == "internal");
  }

  TEST_CASE("a disk that acknowledges nothing ends the recording, which says so once") {
    const TempFolder folder;
    RecorderLog log;
    Recorder recorder(std::make_unique<UnsyncedContainer>(), log);
    recorder.start({.path = folder.file("a.mp4")}, stubFormat());
    for (uint64_t i = 0; i < kFrames; ++i) recorder.push(stubPacket(i));
    CHECK(eventually([&] { return !log.done().empty(); }));
    const RecordingSummary summary = recorder.finish(StopReason::Requested, {});
    CHECK(summary.reason == StopReason::DiskError);
    CHECK(log.done().size() == 1);
    CHECK(log.done()[0].error->code() == "disk-error");
    checkSummary(summary, stubSequences(folder.file("a.mp4")));
    CHECK(summary.written == kFrames);
  }

  TEST_CASE("gaps among the frames that did not reach the disk stand at the file's end") {
    const TempFolder folder;
    RecorderLog log;
    Recorder recorder(std::make_unique<FailingContainer>(50), log);
    recorder.start({.path = folder.file("a.mp4")}, stubFormat());
    for (uint64_t i = 0; i < 60; ++i) {
      recorder.push(stubPacket(2 * i, 60, lost(Stage::Sensor, i > 0 ? 1 : 0)));
    }
    const RecordingSummary summary = recorder.finish(StopReason::Requested, {});
    CHECK(summary.written < 50);
    CHECK(summary.losses[Stage::Writer] == 60 - summary.written);
    CHECK(summary.losses[Stage::Sensor] == 59);
    checkSummary(summary, stubSequences(folder.file("a.mp4")));
  }

  TEST_CASE("a start that fails leaves no file behind") {
    const TempFolder folder;
    const std::filesystem::path shut = folder.path() / "shut";
    std::filesystem::create_directory(shut);
    // Files can be made in it, but it cannot be opened to be synced.
    std::filesystem::permissions(
        shut, std::filesystem::perms::owner_write | std::filesystem::perms::owner_exec);
    RecorderLog log;
    if (::geteuid() == 0) {
      std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
      CHECK(::chown(shut.c_str(), AsNobody::kNobody, AsNobody::kNobody) == 0);
      const AsNobody nobody;
      Recorder recorder(makeMp4Container(), log);
      CHECK_THROWS_AS(recorder.start({.path = shut / "a.mp4"}, stubFormat()), Error);
    } else {
      Recorder recorder(makeMp4Container(), log);
      CHECK_THROWS_AS(recorder.start({.path = shut / "a.mp4"}, stubFormat()), Error);
    }
    std::filesystem::permissions(shut, std::filesystem::perms::owner_all);
    CHECK(std::filesystem::is_empty(shut));
  }
}

}  // namespace pimon
