#include "dma_heap.h"

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>

#include "memory.h"
#include "real.h"
#include "stats.h"

namespace fakepi::dma_heap {

namespace {

constexpr const char* prefix = "fakepi-heap:";

// The name under which this descriptor was opened, or nothing.
std::string heapOf(int fd) {
  char target[128];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), target, sizeof(target));
  const std::string whole(target, std::max<ssize_t>(length, 0));
  const size_t at = whole.find(prefix);
  if (at == std::string::npos) return "";
  const size_t from = at + std::string(prefix).size();
  return whole.substr(from, whole.find(' ', from) - from);
}

int allocateFrom(const std::string& heap, dma_heap_allocation_data& request) {
  if (request.len == 0 || request.fd != 0 || request.heap_flags != 0) return EINVAL;
  if ((request.fd_flags & ~static_cast<uint32_t>(O_CLOEXEC | O_ACCMODE)) != 0) return EINVAL;
  const Memory kind = heap == "system" ? Memory::Scattered : Memory::Contiguous;
  real::Fd fd = allocate(kind, request.len, static_cast<int>(request.fd_flags));
  if (!fd.valid()) return ENOMEM;
  request.fd = static_cast<uint32_t>(fd.release());
  ++stats().heap_buffers;
  return 0;
}

}  // namespace

int open(const std::string& name, int flags) {
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    errno = ENOENT;
    return -1;
  }
  return memfd_create((prefix + name).c_str(), (flags & O_CLOEXEC) != 0 ? MFD_CLOEXEC : 0);
}

int ioctl(int fd, uint32_t request, void* argument) {
  if (_IOC_TYPE(request) == DMA_HEAP_IOC_MAGIC) {
    const std::string heap = heapOf(fd);
    if (heap.empty()) return -1;
    if (request != DMA_HEAP_IOCTL_ALLOC) return ENOTTY;
    return allocateFrom(heap, *static_cast<dma_heap_allocation_data*>(argument));
  }
  if (!kindOf(fd)) return -1;
  switch (request) {
    case DMA_BUF_IOCTL_SYNC: {
      const uint64_t flags = static_cast<dma_buf_sync*>(argument)->flags;
      const uint64_t access = flags & DMA_BUF_SYNC_RW;
      return (flags & ~uint64_t{DMA_BUF_SYNC_VALID_FLAGS_MASK}) != 0 || access == 0 ? EINVAL : 0;
    }
    case DMA_BUF_SET_NAME_A:
    case DMA_BUF_SET_NAME_B:
      return 0;
    default:
      return ENOTTY;
  }
}

}  // namespace fakepi::dma_heap
