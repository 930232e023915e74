#pragma once

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>

#include "support/error.h"
#include "support/unique_fd.h"

namespace pimon {

// Ends a poll() from another thread.
class WakeFd {
 public:
  WakeFd() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!fd_.valid()) throw Error("internal", systemMessage("eventfd", errno));
  }

  int get() const { return fd_.get(); }
  void wake() const noexcept { ::eventfd_write(fd_.get(), 1); }
  void clear() const noexcept {
    eventfd_t count = 0;
    ::eventfd_read(fd_.get(), &count);
  }

 private:
  UniqueFd fd_;
};

}  // namespace pimon
