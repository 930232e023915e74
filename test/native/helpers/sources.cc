#include "helpers/sources.h"

#include "camera/cameras.h"

namespace pimon {

namespace {

SourceCase synthetic(Size size, double fps) {
  const std::string format = std::to_string(size.width) + "×" + std::to_string(size.height) +
                             " at " + std::to_string(static_cast<int>(fps));
  return {.name = "synthetic " + format,
          .id = "synthetic",
          .config = {.size = size, .fps = fps, .preview = {}, .buffers = 4},
          .isSynthetic = true};
}

std::vector<std::string> findVirtualCameras() {
  std::vector<std::string> ids;
#ifndef PIMON_TEST_OWN_CODE_ONLY
  for (const CameraInfo& camera : listCameras()) {
    if (camera.isVirtual) ids.push_back(camera.id);
  }
#endif
  return ids;
}

const std::vector<std::string>& virtualCameras() {
  static const std::vector<std::string> ids = findVirtualCameras();
  return ids;
}

}  // namespace

std::unique_ptr<FrameSource> SourceCase::open() const { return openCamera(id); }

std::vector<SourceCase> sourceCases() {
  std::vector<SourceCase> cases{synthetic({320, 180}, 120)};
#ifndef PIMON_TEST_OWN_CODE_ONLY  // a race does not depend on the size, but drawing is slow there
  cases.push_back(synthetic({1296, 730}, 60));
  cases.push_back(synthetic({1280, 720}, 30));
#endif
  for (const std::string& id : virtualCameras()) {
    cases.push_back({.name = "libcamera's " + id,
                     .id = id,
                     .config = {.size = {640, 480}, .fps = 60, .preview = {}, .buffers = 4}});
    cases.push_back(
        {.name = "libcamera's " + id + " with a second stream",
         .id = id,
         .config = {.size = {1280, 720}, .fps = 60, .preview = Size{320, 180}, .buffers = 4}});
  }
  return cases;
}

std::string testedLibcamera() {
  const LibcameraBuild build = libcameraBuild();
  if (!build.available) return "none (" + build.reason + ")";
  std::string cameras;
  for (const std::string& id : virtualCameras()) cameras += (cameras.empty() ? "" : ", ") + id;
  return cameras.empty() ? "none (" + build.version + " shows no virtual camera)"
                         : build.version + ", " + cameras;
}

}  // namespace pimon
