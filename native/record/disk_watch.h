#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "support/worker.h"

namespace pimon {

struct DiskSpace {
  uint64_t freeBytes = 0;  // for this user
  uint64_t totalBytes = 0;
  int64_t readNs = 0;  // CLOCK_MONOTONIC
};

// Asks the disk how full it is, on a thread of its own: a disk that does not answer holds up
// nobody else, and its last answer grows old visibly.
class DiskWatch {
 public:
  DiskWatch() = default;
  ~DiskWatch();

  void start(const std::string& path);
  // Any thread; none before the first answer, or while the folder cannot be read.
  std::optional<DiskSpace> latest() const;

 private:
  void run(const std::string& path);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<DiskSpace> latest_;
  bool stopping_ = false;
  Worker worker_;
};

}  // namespace pimon
