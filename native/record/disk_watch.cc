#include "record/disk_watch.h"

#include <sys/statvfs.h>

#include <chrono>

#include "support/clock.h"

namespace pimon {

namespace {

// Two minutes of a 10 Mb/s recording change a disk by 150 MB: this is often enough.
constexpr std::chrono::seconds kInterval{2};

std::optional<DiskSpace> read(const std::string& path) {
  struct statvfs fs {};
  if (::statvfs(path.c_str(), &fs) != 0) return std::nullopt;
  return DiskSpace{.freeBytes = uint64_t{fs.f_bavail} * fs.f_frsize,
                   .totalBytes = uint64_t{fs.f_blocks} * fs.f_frsize,
                   .readNs = monotonicNs()};
}

}  // namespace

DiskWatch::~DiskWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  worker_.join();
}

void DiskWatch::start(const std::string& path) {
  worker_.start(
      "disk-watch", [this, path] { run(path); }, [](const Error&) {});
}

std::optional<DiskSpace> DiskWatch::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void DiskWatch::run(const std::string& path) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const std::optional<DiskSpace> now = read(path);
    lock.lock();
    latest_ = now;
    changed_.wait_for(lock, kInterval, [this] { return stopping_; });
  }
}

}  // namespace pimon
