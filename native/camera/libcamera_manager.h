#pragma once

namespace libcamera {
class CameraManager;
}

namespace pimon {

// A share in the process's one libcamera::CameraManager, which runs while shares exist. Every
// object of libcamera must die before the share it was got with.
class LibcameraManager {
 public:
  LibcameraManager();  // throws Error where libcamera cannot start
  LibcameraManager(const LibcameraManager&) = delete;
  LibcameraManager& operator=(const LibcameraManager&) = delete;
  ~LibcameraManager();

  libcamera::CameraManager* operator->() const;
};

}  // namespace pimon
