#pragma once

#include <libcamera/camera.h>
#include <libcamera/controls.h>
#include <libcamera/stream.h>

#include <memory>
#include <vector>

#include "camera/frame_source.h"

namespace pimon {

// Where a plane lies in the memory of a frame.
struct PlaneLayout {
  unsigned offset = 0;
  unsigned stride = 0;
  unsigned bytes = 0;
};

// Of a stream that negotiate() gave.
PixelFormat pixelFormatOf(const libcamera::StreamConfiguration& stream);
std::vector<PlaneLayout> planesOf(const libcamera::StreamConfiguration& stream);

// What the camera can do that is nearest to what is asked, ready for Camera::configure: a stream to
// record and, where one is asked for and the camera can, a smaller one to preview. Throws Error
// where the camera gives no pictures of a kind that can be recorded.
std::unique_ptr<libcamera::CameraConfiguration> negotiate(libcamera::Camera& camera,
                                                          const SourceConfig& asked);

// The same in the words of the seam, once the camera is configured. `fps` is kept within what the
// camera's controls allow.
StreamFormat formatOf(const libcamera::CameraConfiguration& configuration, double fps,
                      const libcamera::ControlInfoMap& controls);

}  // namespace pimon
