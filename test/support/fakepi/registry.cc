#include "registry.h"

#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <vector>

#include "faults.h"

namespace fakepi {

struct Registry::Implementation {
  std::mutex mutex;
  std::map<ino_t, std::shared_ptr<Device>> devices;
  // Spares all other descriptors of the process a look.
  std::atomic<size_t> count{0};
};

// Never taken down: the program may use it until its last instruction.
Registry& Registry::instance() {
  static auto* const registry = new Registry;
  return *registry;
}

Registry::Registry() : implementation_(new Implementation) {}

int Registry::open(int flags) {
  releaseAbandoned();
  auto device = std::make_shared<Device>(flags);
  const int fd = device->readiness().takeUserFd();
  if (fd < 0) return -1;
  device->readiness().set(true, true, fd);  // nothing streams: poll() would say POLLERR
  std::lock_guard lock(implementation_->mutex);
  implementation_->devices[device->readiness().inode()] = device;
  implementation_->count = implementation_->devices.size();
  return fd;
}

std::shared_ptr<Device> Registry::find(int fd) {
  if (implementation_->count == 0) return nullptr;
  const int before = errno;
  struct stat status;
  const bool known = real::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
  errno = before;
  if (!known) return nullptr;
  std::lock_guard lock(implementation_->mutex);
  const auto found = implementation_->devices.find(status.st_ino);
  return found == implementation_->devices.end() ? nullptr : found->second;
}

void Registry::releaseAbandoned() {
  std::vector<std::shared_ptr<Device>> released;
  {
    std::lock_guard lock(implementation_->mutex);
    auto& devices = implementation_->devices;
    for (auto it = devices.begin(); it != devices.end();) {
      if (it->second->readiness().abandoned()) {
        released.push_back(std::move(it->second));
        it = devices.erase(it);
      } else {
        ++it;
      }
    }
    implementation_->count = devices.size();
  }
  // Out of the lock: a stalled device takes two seconds.
}

std::string nodePath() {
  return isSet(Fault::Absent) ? "" : text(Fault::Node).value_or("/dev/video11");
}

}  // namespace fakepi
