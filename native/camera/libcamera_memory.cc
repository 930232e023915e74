#include "camera/libcamera_memory.h"

#include <fcntl.h>
#include <linux/dma-buf.h>

#include <cerrno>

#include "camera/libcamera_format.h"
#include "support/dma_heap.h"
#include "support/mapping.h"
#include "support/unique_fd.h"

namespace pimon {

namespace {

bool isDmabuf(int fd) {
  if (synchroniseDmabuf(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ) == ENOTTY) return false;
  synchroniseDmabuf(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
  return true;
}

}  // namespace

// A file of its own descriptor, mapped from its beginning for reading.
class MappedFile {
 public:
  MappedFile(int fd, size_t bytes)
      : fd_(fcntl(fd, F_DUPFD_CLOEXEC, 0)), memory_(fd_.get(), bytes, PROT_READ) {}

  int fd() const { return fd_.get(); }
  const uint8_t* at(size_t offset) const { return memory_.bytes().data() + offset; }

 private:
  UniqueFd fd_;
  Mapping memory_;
};

FrameMemory::FrameMemory(const libcamera::FrameBuffer& buffer,
                         const libcamera::StreamConfiguration& configuration) {
  picture_ = {.format = pixelFormatOf(configuration),
              .width = static_cast<int>(configuration.size.width),
              .height = static_cast<int>(configuration.size.height),
              .planes = {}};
  const std::vector<PlaneLayout> layouts = planesOf(configuration);
  const auto& planes = buffer.planes();
  const auto& last = planes[planes.size() - 1];

  // Either one plane holds the whole picture, or there is one for each, most often in one file.
  const bool onePlane = planes.size() == 1;
  const bool oneFile = planes[0].fd.get() == last.fd.get();
  if (oneFile) map(last.fd.get(), last.offset + last.length);
  for (size_t i = 0; i < layouts.size(); ++i) {
    const auto& plane = planes[onePlane ? 0 : i];
    const MappedFile& file =
        oneFile ? *files_[0] : map(plane.fd.get(), plane.offset + plane.length);
    const size_t offset = plane.offset + (onePlane ? layouts[i].offset : 0);
    picture_.planes[i] = {file.at(offset), static_cast<int>(layouts[i].stride)};
  }
  if (oneFile && isDmabuf(files_[0]->fd())) dmabufFd_ = files_[0]->fd();
}

FrameMemory::~FrameMemory() = default;

const MappedFile& FrameMemory::map(int fd, size_t bytes) {
  return *files_.emplace_back(std::make_unique<MappedFile>(fd, bytes));
}

void FrameMemory::beginRead() const { synchronise(DMA_BUF_SYNC_START); }

void FrameMemory::endRead() const { synchronise(DMA_BUF_SYNC_END); }

void FrameMemory::synchronise(uint64_t edge) const {
  for (const auto& file : files_) synchroniseDmabuf(file->fd(), edge | DMA_BUF_SYNC_READ);
}

}  // namespace pimon
