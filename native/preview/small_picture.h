#pragma once

#include <cstdint>
#include <vector>

#include "camera/frame_source.h"

namespace pimon {

// A Yuv420 picture of its own.
struct SmallPicture {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> y, u, v;  // without padding
};

// Of the shape of `main`, in even numbers: as wide as asked, but at least 64 and at most as it is.
Size previewSize(const Size& main, int width);

// Scales the smaller of the frame's pictures that is wide enough into `out`, whose memory is used
// again. `size` as previewSize gives it. The range stays limited, as the camera has it.
void shrink(const Frame& frame, const Size& size, SmallPicture& out);

// Brings a picture as `shrink` gives it to the full range, as JPEG wants it.
void widenRange(SmallPicture& picture);

}  // namespace pimon
