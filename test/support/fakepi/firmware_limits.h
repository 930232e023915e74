#pragma once

#include "controls.h"
#include "formats.h"

namespace fakepi {

// Macroblocks (16×16 pixels) of a picture.
int64_t macroblocks(uint32_t width, uint32_t height);

// x264's and the standard's level_idc of a V4L2 level.
int levelIdc(int32_t level);

// What the firmware says when it is to start: 0, or the odd errno that its status becomes.
int startRefusal(const Formats& formats, const Controls& controls);

}  // namespace fakepi
