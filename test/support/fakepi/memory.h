#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "real.h"

// Stand-ins for dma-bufs: memfds whose name says whether the memory is physically contiguous. The
// name stays with the memory through dup, fork and SCM_RIGHTS, so nothing has to be kept in step.
namespace fakepi {

enum class Memory { Contiguous, Scattered };

// Rounded up to whole pages. Without a valid fd, errno is ENOMEM: FAKEPI_CMA is used up.
real::Fd allocate(Memory kind, size_t bytes, int fdFlags);

// None for what no heap handed out: a dma-buf it is not.
std::optional<Memory> kindOf(int fd);

// Shared memory of a file, as the device sees it.
class Mapping {
 public:
  Mapping() = default;
  // Empty where the file cannot be mapped so.
  Mapping(int fd, size_t length, int protection);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace fakepi
