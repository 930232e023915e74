#pragma once

#include <libcamera/camera.h>
#include <libcamera/framebuffer.h>
#include <libcamera/framebuffer_allocator.h>
#include <libcamera/stream.h>

#include <memory>
#include <vector>

namespace pimon {

// The buffers that one stream of a configured camera writes to. Must outlive the requests that
// name them; the memory itself lives on in FrameMemory.
class StreamBuffers {
 public:
  // A virtual camera writes with the CPU: memfds do, on any machine. A real one gets dma-bufs, one
  // per frame, from a heap whose memory the hardware encoder can take and the CPU reads cached;
  // where there is no such heap, from its driver. Throws Error when there is no memory.
  StreamBuffers(const std::shared_ptr<libcamera::Camera>& camera, libcamera::Stream* stream,
                unsigned count, bool isVirtual);

  const std::vector<libcamera::FrameBuffer*>& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<libcamera::FrameBuffer>> own_;
  std::unique_ptr<libcamera::FrameBufferAllocator> allocator_;
  std::vector<libcamera::FrameBuffer*> all_;
};

}  // namespace pimon
