#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "support/error.h"

namespace pimon {

// Owns one shared mapping of a file or device.
class Mapping {
 public:
  Mapping() = default;
  // Throws Error where the memory cannot be mapped.
  Mapping(int fd, size_t bytes, int protection, off_t offset = 0)
      : data_(::mmap(nullptr, bytes, protection, MAP_SHARED, fd, offset)), bytes_(bytes) {
    if (data_ == MAP_FAILED) {
      throw Error("internal", systemMessage("Memory could not be mapped", errno));
    }
  }
  Mapping(Mapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (data_ != nullptr) ::munmap(data_, bytes_);
  }

  std::span<uint8_t> bytes() const { return {static_cast<uint8_t*>(data_), bytes_}; }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace pimon
