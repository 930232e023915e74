#pragma once

#include <cstddef>

#include "support/unique_fd.h"

namespace pimon {

// The kernel's heap of physically contiguous memory, which the Pi's camera and encoder share
// frames in.
class DmaHeap {
 public:
  // Opens the best of the heaps that there are; not valid where there is none.
  DmaHeap();

  bool valid() const { return heap_.valid(); }
  // One dma-buf; not valid when the heap has no more.
  UniqueFd allocate(size_t bytes) const;

 private:
  UniqueFd heap_;
};

// Tells a dma-buf that the CPU begins or ends to use it: `flags` are DMA_BUF_SYNC_*. Returns 0 or
// errno; ENOTTY where the file is no dma-buf: then the CPU and the hardware see the same anyway.
int synchroniseDmabuf(int fd, unsigned long long flags);

}  // namespace pimon
