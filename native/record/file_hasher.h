#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "support/worker.h"

namespace pimon {

struct FileHash {
  uint64_t bytes = 0;
  std::string sha256;  // in hexadecimal
};

// Reads the whole file past the page cache's other contents. None when `cancelled` became true;
// throws as OutputFile does.
std::optional<FileHash> hashFile(const std::string& path, const std::atomic<bool>& cancelled);

// Hashes files one after the other on a thread that gives way to all others.
class FileHasher {
 public:
  // On that thread; a file that cannot be read is passed over.
  using Done = std::function<void(const FileHash&)>;

  FileHasher();
  // Gives up what it has not done.
  ~FileHasher();

  // Any thread.
  void add(const std::string& path, Done done);

 private:
  struct Job {
    std::string path;
    Done done;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::atomic<bool> stopping_ = false;
  Worker worker_;
};

}  // namespace pimon
