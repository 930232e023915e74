#include "node.h"

#include <dirent.h>
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "fakepi.h"

namespace {

auto* setFault() {
  return reinterpret_cast<decltype(fakepi_set_fault)*>(dlsym(RTLD_DEFAULT, "fakepi_set_fault"));
}

std::vector<std::string> entriesOf(const char* path) {
  std::vector<std::string> names;
  DIR* folder = opendir(path);
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(folder);
  return names;
}

}  // namespace

bool fakepiIsLoaded() { return setFault() != nullptr; }

int64_t counted(const char* name) {
  return reinterpret_cast<decltype(fakepi_stat)*>(dlsym(RTLD_DEFAULT, "fakepi_stat"))(name);
}

int fakepiSet(const char* name, const char* value) { return setFault()(name, value); }

Fault::Fault(const char* name, const std::string& value) : name_(name) {
  REQUIRE(setFault()(name, value.c_str()) == 0);
}

Fault::~Fault() { setFault()(name_, nullptr); }

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Node::Node() : Node("/dev/video11", O_RDWR | O_NONBLOCK | O_CLOEXEC) { REQUIRE(isOpen()); }

Node::Node(const char* path, int flags) : fd_(open(path, flags)) {}

int Node::call(unsigned long request, void* argument) const {
  return ioctl(fd(), request, argument) == 0 ? 0 : errno;
}

int Node::setControl(uint32_t id, int32_t value) const {
  v4l2_control control{id, value};
  return call(VIDIOC_S_CTRL, &control);
}

int32_t Node::control(uint32_t id) const {
  v4l2_control control{id, 0};
  REQUIRE(call(VIDIOC_G_CTRL, &control) == 0);
  return control.value;
}

int Node::requestBuffers(uint32_t type, uint32_t count, uint32_t memory) const {
  v4l2_requestbuffers request{};
  request.type = type;
  request.count = count;
  request.memory = memory;
  const int error = call(VIDIOC_REQBUFS, &request);
  return error != 0 ? -error : static_cast<int>(request.count);
}

short Node::poll(short events, int timeoutMs) const {
  pollfd entry{fd(), events, 0};
  REQUIRE(::poll(&entry, 1, timeoutMs) >= 0);
  return entry.revents;
}

PixelFormat contentOf(const v4l2_format& format) {
  const v4l2_pix_format_mplane& pix = format.fmt.pix_mp;
  return {pix.width,
          pix.height,
          pix.pixelformat,
          pix.plane_fmt[0].bytesperline,
          pix.plane_fmt[0].sizeimage,
          pix.colorspace,
          pix.quantization};
}

v4l2_format formatOf(uint32_t type, uint32_t width, uint32_t height, uint32_t fourcc) {
  v4l2_format format{};
  format.type = type;
  format.fmt.pix_mp.width = width;
  format.fmt.pix_mp.height = height;
  format.fmt.pix_mp.pixelformat = fourcc;
  format.fmt.pix_mp.num_planes = 1;
  return format;
}

HeapBuffer allocate(const std::string& heap, size_t bytes) {
  const Fd from(open(("/dev/dma_heap/" + heap).c_str(), O_RDWR | O_CLOEXEC));
  if (from.get() < 0) return {Fd(), errno};
  dma_heap_allocation_data request{};
  request.len = bytes;
  request.fd_flags = O_RDWR | O_CLOEXEC;
  if (ioctl(from.get(), DMA_HEAP_IOCTL_ALLOC, &request) != 0) return {Fd(), errno};
  return {Fd(static_cast<int>(request.fd)), 0};
}

int threadsNamed(const std::string& name) {
  int count = 0;
  for (const std::string& task : entriesOf("/proc/self/task")) {
    std::ifstream file("/proc/self/task/" + task + "/comm");
    std::string own;
    std::getline(file, own);
    if (own == name) ++count;
  }
  return count;
}

int openDescriptors() { return static_cast<int>(entriesOf("/proc/self/fd").size()); }
