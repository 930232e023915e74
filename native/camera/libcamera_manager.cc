#include "camera/libcamera_manager.h"

#include <libcamera/camera_manager.h>

#include <memory>
#include <mutex>

#include "support/error.h"
#include "support/worker.h"

namespace pimon {

namespace {

// libcamera aborts when a second manager is made before the first is wholly gone, so making and
// deleting one both happen under the lock.
struct Shared {
  std::mutex mutex;
  std::unique_ptr<libcamera::CameraManager> manager;
  int shares = 0;
};

Shared& shared() {
  static Shared instance;
  return instance;
}

// The threads that libcamera makes, one of which brings the frames, inherit the priority of the one
// that starts it.
int startWithPriority(libcamera::CameraManager& manager) {
  int result = 0;
  Worker starter;
  starter.start(
      "libcamera", [&] { result = manager.start(); }, [](const Error&) {}, Priority::Camera);
  starter.join();
  return result;
}

}  // namespace

LibcameraManager::LibcameraManager() {
  const std::lock_guard lock(shared().mutex);
  if (shared().shares == 0) {
    auto manager = std::make_unique<libcamera::CameraManager>();
    if (const int result = startWithPriority(*manager); result < 0) {
      throw Error("internal", systemMessage("libcamera did not start", -result));
    }
    shared().manager = std::move(manager);
  }
  ++shared().shares;
}

LibcameraManager::~LibcameraManager() {
  const std::lock_guard lock(shared().mutex);
  if (--shared().shares == 0) shared().manager.reset();
}

libcamera::CameraManager* LibcameraManager::operator->() const { return shared().manager.get(); }

}  // namespace pimon
