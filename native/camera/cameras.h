#pragma once

#include <memory>
#include <string>
#include <vector>

#include "camera/frame_source.h"

namespace pimon {

// Whether this build has libcamera, which version runs, and if it has none, why.
struct LibcameraBuild {
  bool available = false;
  std::string version;  // of the library that is loaded, e.g. "0.7.2"
  std::string reason;   // why it is not available, else empty
};
LibcameraBuild libcameraBuild();

// Every camera that could be opened; the synthetic one is always there, last.
std::vector<CameraInfo> listCameras();

// `id` as listed, or "auto": libcamera's first camera, else the synthetic one. A virtual camera has
// to be asked for. Throws camera-unknown, camera-busy.
std::unique_ptr<FrameSource> openCamera(const std::string& id);

}  // namespace pimon
