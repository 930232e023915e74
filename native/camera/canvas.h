#pragma once

#include <cstddef>
#include <cstdint>

namespace pimon {

struct WritablePlane {
  uint8_t* data = nullptr;
  int stride = 0;  // bytes from one row to the next

  uint8_t* row(int y) const { return data + static_cast<ptrdiff_t>(y) * stride; }
};

// A Yuv420 picture that can be drawn into.
struct Canvas {
  int width = 0;
  int height = 0;
  WritablePlane y, u, v;
};

}  // namespace pimon
