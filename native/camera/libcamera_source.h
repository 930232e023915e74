#pragma once

#include <memory>
#include <string>
#include <vector>

#include "camera/frame_source.h"

namespace pimon {

// The cameras of libcamera, of any kind: on a Pi's ribbon cable, on USB, virtual. Only for builds
// that have libcamera.

// Of the library that is loaded, e.g. "0.7.2".
std::string libcameraVersion();

std::vector<CameraInfo> listLibcameraCameras();

// Throws camera-unknown, camera-busy.
std::unique_ptr<FrameSource> openLibcameraCamera(const std::string& id);

}  // namespace pimon
