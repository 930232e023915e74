#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "camera/canvas.h"

namespace pimon {

// A set number of Yuv420 pictures in memory. Frames hold a reference to the pool, so a frame
// released after its source has stopped, or is gone, goes back to a pool that nobody asks any more.
class BufferPool {
 public:
  BufferPool(int buffers, int width, int height)
      : width_(width), height_(height), memory_(buffers) {
    for (int i = 0; i < buffers; ++i) {
      memory_[i] = std::make_unique_for_overwrite<uint8_t[]>(size_t(width) * height * 3 / 2);
      free_.push_back(i);
    }
  }

  // The index of a free buffer.
  std::optional<int> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::nullopt;
    const int index = free_.back();
    free_.pop_back();
    return index;
  }

  void giveBack(int index) {
    const std::lock_guard lock(mutex_);
    free_.push_back(index);
  }

  Canvas canvas(int index) const {
    uint8_t* y = memory_[index].get();
    uint8_t* u = y + size_t(width_) * height_;
    uint8_t* v = u + size_t(width_ / 2) * (height_ / 2);
    return {.width = width_,
            .height = height_,
            .y = {y, width_},
            .u = {u, width_ / 2},
            .v = {v, width_ / 2}};
  }

 private:
  int width_;
  int height_;
  std::vector<std::unique_ptr<uint8_t[]>> memory_;
  std::mutex mutex_;
  std::vector<int> free_;
};

}  // namespace pimon
