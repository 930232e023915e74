#pragma once

#include <libcamera/framebuffer.h>
#include <libcamera/stream.h>

#include <memory>
#include <vector>

#include "camera/frame.h"

namespace pimon {

class MappedFile;

// The memory behind one FrameBuffer, open and mapped for reading for as long as this lives, which
// may be longer than the buffer and the camera.
class FrameMemory {
 public:
  // Throws Error where the memory cannot be mapped.
  FrameMemory(const libcamera::FrameBuffer& buffer,
              const libcamera::StreamConfiguration& configuration);
  FrameMemory(const FrameMemory&) = delete;
  FrameMemory& operator=(const FrameMemory&) = delete;
  ~FrameMemory();

  const Picture& picture() const { return picture_; }
  // The whole picture as one dma-buf, or −1.
  int dmabufFd() const { return dmabufFd_; }
  // Around every use by the CPU, so that it sees what the hardware wrote.
  void beginRead() const;
  void endRead() const;

 private:
  const MappedFile& map(int fd, size_t bytes);
  void synchronise(uint64_t edge) const;

  std::vector<std::unique_ptr<MappedFile>> files_;
  Picture picture_;
  int dmabufFd_ = -1;
};

}  // namespace pimon
