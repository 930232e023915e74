#pragma once

#include <linux/videodev2.h>

#include <array>
#include <cstdint>
#include <vector>

namespace fakepi {

// A picture as the codecs take it: YUV 4:2:0 in three planes, or NV12/NV21 in two.
struct Picture {
  bool interleaved = false;
  bool crFirst = false;  // in an interleaved chroma plane
  std::array<const uint8_t*, 3> planes{};
  std::array<int, 3> strides{};
};

// Looks at a frame through its format: in place, or in `scratch` where the pixels have to be
// converted. Lives as long as both.
Picture viewOf(const v4l2_pix_format_mplane& format, const uint8_t* data,
               std::vector<uint8_t>& scratch);

}  // namespace fakepi
