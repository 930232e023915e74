#pragma once

#include <sys/resource.h>

#include <cstddef>

namespace pimon {

// What this process uses, as the kernel and the allocator count it.
struct Usage {
  size_t fds = 0;
  size_t threads = 0;
  size_t heapBytes = 0;  // in use; 0 under a sanitizer, whose allocator does not tell
  size_t residentBytes = 0;
};
Usage usageNow();

// While it lives, no file of this process can grow beyond `bytes`: write(2) gives EFBIG.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(size_t bytes);
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit();

 private:
  rlimit before_{};
  void (*handlerBefore_)(int);
};

}  // namespace pimon
