#include "camera/libcamera_buffers.h"

#include <libcamera/base/unique_fd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "camera/libcamera_format.h"
#include "support/dma_heap.h"
#include "support/error.h"

namespace pimon {

namespace {

using FrameBuffers = std::vector<std::unique_ptr<libcamera::FrameBuffer>>;

libcamera::FrameBuffer::Plane planeAt(const libcamera::SharedFD& fd, unsigned offset,
                                      unsigned bytes) {
  libcamera::FrameBuffer::Plane plane;
  plane.fd = fd;
  plane.offset = offset;
  plane.length = bytes;
  return plane;
}

// One plane for the whole frame, which is how the Pi's drivers take it. Empty where the heap is
// missing or has too little.
FrameBuffers heapBuffers(const libcamera::StreamConfiguration& configuration, unsigned count) {
  const DmaHeap heap;
  FrameBuffers buffers;
  while (heap.valid() && buffers.size() < count) {
    UniqueFd memory = heap.allocate(configuration.frameSize);
    if (!memory.valid()) return {};
    const std::vector planes{
        planeAt(libcamera::SharedFD(memory.release()), 0, configuration.frameSize)};
    buffers.push_back(std::make_unique<libcamera::FrameBuffer>(planes));
  }
  return buffers;
}

// The virtual camera wants its planes one by one; they share a file of whole pages.
FrameBuffers memfdBuffers(const libcamera::StreamConfiguration& configuration, unsigned count) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t bytes = (configuration.frameSize + page - 1) / page * page;
  FrameBuffers buffers;
  while (buffers.size() < count) {
    libcamera::UniqueFD memory(memfd_create("pi-monitor-frame", MFD_CLOEXEC));
    if (!memory.isValid() || ftruncate(memory.get(), static_cast<off_t>(bytes)) < 0) {
      throw Error("internal", systemMessage("There is no memory for the camera's frames", errno));
    }
    const libcamera::SharedFD fd(std::move(memory));
    std::vector<libcamera::FrameBuffer::Plane> planes;
    for (const PlaneLayout& layout : planesOf(configuration)) {
      planes.push_back(planeAt(fd, layout.offset, layout.bytes));
    }
    buffers.push_back(std::make_unique<libcamera::FrameBuffer>(planes));
  }
  return buffers;
}

}  // namespace

StreamBuffers::StreamBuffers(const std::shared_ptr<libcamera::Camera>& camera,
                             libcamera::Stream* stream, unsigned count, bool isVirtual) {
  const libcamera::StreamConfiguration& configuration = stream->configuration();
  own_ = isVirtual ? memfdBuffers(configuration, count) : heapBuffers(configuration, count);
  for (const auto& buffer : own_) all_.push_back(buffer.get());
  if (!own_.empty()) return;

  allocator_ = std::make_unique<libcamera::FrameBufferAllocator>(camera);
  if (const int result = allocator_->allocate(stream); result < 0) {
    throw Error("internal",
                systemMessage("There is no memory for the camera's frames. Choose a smaller size, "
                              "or end other programs that use the camera or the GPU",
                              -result));
  }
  for (const auto& buffer : allocator_->buffers(stream)) all_.push_back(buffer.get());
}

}  // namespace pimon
