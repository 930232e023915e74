#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "support/worker.h"

namespace pimon {

struct DiskState {
  bool present = false;    // the folder can be read; else the rest is of the nearest one above it
  uint64_t freeBytes = 0;  // for this user
  uint64_t totalBytes = 0;
  // The second tells disks apart, but is 0 where the file system has no id. The first may be given
  // to the next disk, and a disk that comes back may get another.
  uint64_t device = 0;
  uint64_t fileSystem = 0;
  // Whether the path of the file that is being written still leads to it; none while none is.
  std::optional<bool> fileInPlace;
  int64_t readNs = 0;  // CLOCK_MONOTONIC
};

// Asks the disk how full it is and whether it is still the same, on a thread of its own: a disk
// that does not answer holds up nobody else, and its last answer grows old visibly.
class DiskWatch {
 public:
  // The path of the file that is being written now, or empty. Called on the watch's thread.
  using OpenFile = std::function<std::string()>;

  DiskWatch() = default;
  // Waits for the disk's answer where one is under way.
  ~DiskWatch();

  void start(const std::string& folder, OpenFile openFile);
  // Any thread; none before the first answer.
  std::optional<DiskState> latest() const;

 private:
  struct Identity {
    uint64_t device;
    uint64_t inode;
    bool operator==(const Identity&) const = default;
  };
  static std::optional<Identity> identify(const std::string& path);

  void run();
  DiskState read();
  static bool readFolder(const std::string& path, DiskState& state);
  std::optional<bool> fileInPlace();

  std::string folder_;
  OpenFile openFile_;

  // Of the watch's thread: the file being written, as it was when first seen.
  std::string file_;
  std::optional<Identity> fileIdentity_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<DiskState> latest_;
  bool stopping_ = false;
  Worker worker_;
};

}  // namespace pimon
