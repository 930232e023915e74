#include "helpers/process.h"

#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pimon {

namespace {

size_t entries(const char* folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

size_t residentPages() {
  size_t total = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident;
}

}  // namespace

Usage usageNow() {
  return {.fds = entries("/proc/self/fd"),
          .threads = entries("/proc/self/task"),
          .heapBytes = ::mallinfo2().uordblks,
          .residentBytes = residentPages() * static_cast<size_t>(::sysconf(_SC_PAGESIZE))};
}

FileSizeLimit::FileSizeLimit(size_t bytes) : handlerBefore_(::signal(SIGXFSZ, SIG_IGN)) {
  ::getrlimit(RLIMIT_FSIZE, &before_);
  const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

FileSizeLimit::~FileSizeLimit() {
  ::setrlimit(RLIMIT_FSIZE, &before_);
  ::signal(SIGXFSZ, handlerBefore_);
}

}  // namespace pimon
