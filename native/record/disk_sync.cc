#include "record/disk_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "support/clock.h"

namespace pimon {

DiskSync::DiskSync(std::function<void(const Error&)> onError) : onError_(std::move(onError)) {}

DiskSync::~DiskSync() { stop(); }

void DiskSync::start(std::span<const int> files, UniqueFd folder) {
  folder_ = std::move(folder);
  for (const int fd : files) {
    files_.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!files_.back().valid()) {
      throw Error("disk-error", systemMessage("Cannot watch the recording's files", errno));
    }
  }
  // The new files' entries, and what is in them, are due at once.
  dirty_ = true;
  oldestNs_ = monotonicNs();
  worker_.start(
      "disk-sync", [this] { run(); },
      [this](const Error& error) {
        failed_ = true;
        onError_(error);
      },
      Priority::Recording);
}

void DiskSync::written() {
  {
    const std::lock_guard lock(mutex_);
    if (!dirty_ && oldestNs_ == 0) oldestNs_ = monotonicNs();
    dirty_ = true;
  }
  changed_.notify_one();
}

void DiskSync::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  worker_.join();
}

int64_t DiskSync::unsyncedMs() const {
  const int64_t oldestNs = oldestNs_;
  return oldestNs == 0 ? 0 : (monotonicNs() - oldestNs) / 1'000'000;
}

void DiskSync::run() {
  bool folder = true;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || dirty_; });
    if (!dirty_) return;
    dirty_ = false;
    const int64_t begunNs = monotonicNs();
    lock.unlock();
    syncAll(std::exchange(folder, false));
    lock.lock();
    maxUnsyncedMs_ = std::max<int64_t>(maxUnsyncedMs_, unsyncedMs());
    // What was written meanwhile is as old as this sync.
    oldestNs_ = dirty_ ? begunNs : 0;
  }
}

void DiskSync::syncAll(bool folder) {
  for (const UniqueFd& fd : files_) {
    if (::fdatasync(fd.get()) == 0) continue;
    throw Error("disk-error", systemMessage("The disk does not take the recording", errno));
  }
  // Some file systems have nothing to sync there: EINVAL.
  if (folder && ::fsync(folder_.get()) != 0 && errno != EINVAL) {
    throw Error("disk-error", systemMessage("The disk does not take the folder", errno));
  }
}

}  // namespace pimon
