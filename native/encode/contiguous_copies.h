#pragma once

#include <vector>

#include "camera/frame.h"
#include "support/mapping.h"
#include "support/unique_fd.h"

namespace pimon {

// Whether the picture lies as V4L2 wants it: rows of `stride` bytes, planes one after the other.
bool liesAs(const Picture& picture, int stride);

// Buffers of contiguous memory that frames from elsewhere are copied into.
class ContiguousCopies {
 public:
  // Throws encoder-refused where there is no contiguous memory.
  ContiguousCopies(int count, size_t bytes);

  int fd(int index) const { return buffers_[index].fd.get(); }
  // Copies the picture row by row into buffer `index`, with `stride`. Returns the bytes copied.
  size_t copy(const Picture& picture, int index, int stride);

 private:
  struct Buffer {
    UniqueFd fd;
    Mapping memory;
  };
  std::vector<Buffer> buffers_;
};

}  // namespace pimon
