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

void DiskSync::start(int fd) {
  fd_.reset(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!fd_.valid()) throw Error("disk-error", systemMessage("Cannot watch the video file", errno));
  worker_.start(
      "disk-sync", [this] { run(); }, onError_);
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
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || dirty_; });
    if (!dirty_) return;
    dirty_ = false;
    const int64_t begunNs = monotonicNs();
    lock.unlock();
    if (::fdatasync(fd_.get()) != 0) {
      throw Error("disk-error", systemMessage("The disk does not take the recording", errno));
    }
    lock.lock();
    maxUnsyncedMs_ = std::max<int64_t>(maxUnsyncedMs_, unsyncedMs());
    // What was written meanwhile is as old as this sync.
    oldestNs_ = dirty_ ? begunNs : 0;
  }
}

}  // namespace pimon
