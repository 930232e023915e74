#pragma once

#include <memory>
#include <string>

#include "device.h"

namespace fakepi {

// Which descriptors are ours. A descriptor is known by the inode behind it, so dup, dup2, fcntl and
// even raw system calls keep its identity, and the kernel counts the references.
class Registry {
 public:
  static Registry& instance();

  // A new open; -1 with errno.
  int open(int flags);
  std::shared_ptr<Device> find(int fd);
  // Releases what no descriptor refers to any more, on the calling thread.
  void releaseAbandoned();

 private:
  struct Implementation;
  Registry();
  Implementation* const implementation_;
};

// The encoder's node, as FAKEPI_NODE and FAKEPI_ABSENT have it; empty where there is none.
std::string nodePath();

}  // namespace fakepi
