#pragma once

#include <cstdint>
#include <vector>

#include "camera/frame.h"

namespace pimon {

// A Yuv420 picture of its own, in full range, as JPEG wants it.
struct SmallPicture {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> y, u, v;  // without padding
};

// The even width nearest to `width` that is at least 64 and at most the frame's.
int previewWidth(const Frame& frame, int width);

// Scales the smaller of the frame's pictures that is wide enough into `out`, whose memory is used
// again. `width` as previewWidth gives it; the height follows the main picture's shape.
void shrink(const Frame& frame, int width, SmallPicture& out);

}  // namespace pimon
