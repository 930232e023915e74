#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "support/error.h"
#include "support/unique_fd.h"
#include "support/worker.h"

namespace pimon {

// Brings what was written to the disk, on a thread that does not write, and knows how old the data
// is that the disk has not acknowledged yet.
class DiskSync {
 public:
  // `onError` is called on the sync thread, once; disk-error.
  explicit DiskSync(std::function<void(const Error&)> onError);
  ~DiskSync();

  // Takes a duplicate of `fd`.
  void start(int fd);
  // There is more to sync. Called by the writer; never blocks.
  void written();
  // Ends once everything told of is synced, or could not be.
  void stop();

  // Any thread, in milliseconds.
  int64_t unsyncedMs() const;
  int64_t maxUnsyncedMs() const { return maxUnsyncedMs_; }

 private:
  void run();

  std::function<void(const Error&)> onError_;
  UniqueFd fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool dirty_ = false;
  bool stopping_ = false;
  std::atomic<int64_t> oldestNs_ = 0;  // when the oldest data not acknowledged was written, or 0
  std::atomic<int64_t> maxUnsyncedMs_ = 0;
  Worker worker_;
};

}  // namespace pimon
