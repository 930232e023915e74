#pragma once

#include <libcamera/framebuffer.h>
#include <libcamera/request.h>

#include <cstdint>

#include "camera/frame.h"

namespace pimon {

// What the camera tells of a completed frame. `sequence` is left to the caller, who knows what was
// lost; so are the times of a virtual camera, which tells none that mean anything.
FrameInfo readInfo(libcamera::Request& request, const libcamera::FrameBuffer& main);

// What the frame took, in nanoseconds, where the camera tells it; else 0.
int64_t readDurationNs(libcamera::Request& request);

}  // namespace pimon
