#pragma once

#include <cstdint>
#include <optional>

#include "camera/canvas.h"
#include "camera/frame.h"

namespace pimon {

// The mark that the synthetic camera draws into each frame, so that whoever sees the picture can
// tell which frame it is and when it was taken. A grid of 80 square cells across the picture;
// columns 8 … 71 hold 64 bits, most significant first: row 0 as they are, row 1 inverted.
struct Stamp {
  uint16_t sequence = 0;  // of the frame, modulo 65 536
  uint64_t sensorUs = 0;  // CLOCK_MONOTONIC, 48 bits

  bool operator==(const Stamp&) const = default;
};

Stamp stampOf(const FrameInfo& info);

// Into a Yuv420 picture at least 320 wide.
void drawStamp(const Canvas& canvas, const Stamp& stamp);

// From the luma plane of a picture of any scale; none where row 1 is not row 0 inverted.
std::optional<Stamp> readStamp(const Plane& luma, int width);

}  // namespace pimon
