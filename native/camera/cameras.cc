#include "camera/cameras.h"

#include "camera/synthetic_source.h"

#ifdef PIMON_HAVE_LIBCAMERA
#include "camera/libcamera_source.h"
#endif

namespace pimon {

#ifdef PIMON_HAVE_LIBCAMERA

LibcameraBuild libcameraBuild() {
  return {.available = true, .version = libcameraVersion(), .reason = ""};
}

#else

namespace {

std::vector<CameraInfo> listLibcameraCameras() { return {}; }

std::unique_ptr<FrameSource> openLibcameraCamera(const std::string& id) {
  throw Error("camera-unknown",
              "There is no camera " + id + ": this build has no libcamera. " PIMON_NO_LIBCAMERA,
              "camera.id");
}

}  // namespace

LibcameraBuild libcameraBuild() {
  return {.available = false, .version = "", .reason = PIMON_NO_LIBCAMERA};
}

#endif

std::vector<CameraInfo> listCameras() {
  std::vector<CameraInfo> cameras = listLibcameraCameras();
  cameras.push_back(SyntheticSource::camera());
  return cameras;
}

std::unique_ptr<FrameSource> openCamera(const std::string& id) {
  const std::string chosen = id == "auto" ? listCameras().front().id : id;
  if (chosen == SyntheticSource::camera().id) return std::make_unique<SyntheticSource>();
  return openLibcameraCamera(chosen);
}

}  // namespace pimon
