#include "record/disk_watch.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "support/clock.h"

namespace pimon {

namespace {

// Two minutes of a 10 Mb/s recording change a disk by 150 MB: this is often enough.
constexpr std::chrono::seconds kInterval{2};

}  // namespace

DiskWatch::~DiskWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  worker_.join();
}

void DiskWatch::start(const std::string& folder, OpenFile openFile) {
  folder_ = folder;
  openFile_ = std::move(openFile);
  worker_.start(
      "disk-watch", [this] { run(); }, [](const Error&) {});
}

std::optional<DiskState> DiskWatch::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void DiskWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const DiskState now = read();
    lock.lock();
    latest_ = now;
    changed_.wait_for(lock, kInterval, [this] { return stopping_; });
  }
}

DiskState DiskWatch::read() {
  DiskState state;
  std::filesystem::path folder = folder_;
  state.present = readFolder(folder, state);
  for (bool found = state.present; !found && folder.has_relative_path();) {
    folder = folder.parent_path();
    found = readFolder(folder, state);
  }
  state.fileInPlace = fileInPlace();
  state.readNs = monotonicNs();
  return state;
}

bool DiskWatch::readFolder(const std::string& path, DiskState& state) {
  struct statvfs fs {};
  const std::optional<Identity> folder = identify(path);
  if (!folder || ::statvfs(path.c_str(), &fs) != 0) return false;
  state.freeBytes = uint64_t{fs.f_bavail} * fs.f_frsize;
  state.totalBytes = uint64_t{fs.f_blocks} * fs.f_frsize;
  state.device = folder->device;
  state.fileSystem = fs.f_fsid;
  return true;
}

std::optional<bool> DiskWatch::fileInPlace() {
  const std::string file = openFile_();
  if (file.empty()) {
    file_.clear();
    return std::nullopt;
  }
  const std::optional<Identity> now = identify(file);
  if (file != file_) {
    file_ = file;
    fileIdentity_ = now;
  }
  return now && now == fileIdentity_;
}

std::optional<DiskWatch::Identity> DiskWatch::identify(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return Identity{.device = found.st_dev, .inode = found.st_ino};
}

}  // namespace pimon
