#include "support/dma_heap.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>

namespace pimon {

namespace {

// The first is cached for the CPU.
constexpr std::array kHeaps{"/dev/dma_heap/vidbuf_cached", "/dev/dma_heap/linux,cma"};

}  // namespace

DmaHeap::DmaHeap() {
  for (const char* path : kHeaps) {
    heap_.reset(::open(path, O_RDWR | O_CLOEXEC));
    if (heap_.valid()) return;
  }
}

UniqueFd DmaHeap::allocate(size_t bytes) const {
  dma_heap_allocation_data request{};
  request.len = bytes;
  request.fd_flags = O_RDWR | O_CLOEXEC;
  if (::ioctl(heap_.get(), DMA_HEAP_IOCTL_ALLOC, &request) < 0) return {};
  return UniqueFd(static_cast<int>(request.fd));
}

int synchroniseDmabuf(int fd, unsigned long long flags) {
  dma_buf_sync request{};
  request.flags = flags;
  int result = 0;
  do {
    result = ::ioctl(fd, DMA_BUF_IOCTL_SYNC, &request);
  } while (result < 0 && (errno == EINTR || errno == EAGAIN));
  return result < 0 ? errno : 0;
}

}  // namespace pimon
