#include "camera/cameras.h"

#include <algorithm>
#include <functional>

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

namespace {

std::string firstCamera() {
  const std::vector<CameraInfo> cameras = listCameras();
  return std::find_if_not(cameras.begin(), cameras.end(), std::mem_fn(&CameraInfo::isVirtual))->id;
}

}  // namespace

std::unique_ptr<FrameSource> openCamera(const std::string& id) {
  const std::string chosen = id == "auto" ? firstCamera() : id;
  if (chosen == SyntheticSource::camera().id) return std::make_unique<SyntheticSource>();
  return openLibcameraCamera(chosen);
}

}  // namespace pimon
