#pragma once

#include <array>
#include <cstdint>
#include <string>

// /dev/dma_heap: memory that the encoder can take in place, and memory that it cannot.
namespace fakepi::dma_heap {

inline constexpr const char* folder = "/dev/dma_heap";
inline constexpr std::array names{"vidbuf_cached", "linux,cma", "system"};

// Of "/dev/dma_heap/NAME"; -1 with errno.
int open(const std::string& name, int flags);
// 0 or an errno; -1 where `fd` is neither a heap nor what one gave out.
int ioctl(int fd, uint32_t request, void* argument);

}  // namespace fakepi::dma_heap
