#include "camera/libcamera_memory.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <cerrno>

#include "camera/libcamera_format.h"
#include "support/error.h"
#include "support/unique_fd.h"

namespace pimon {

namespace {

// ENOTTY where the file is no dma-buf: then the CPU sees everything anyway.
int synchroniseDmabuf(int fd, uint64_t flags) {
  dma_buf_sync request{};
  request.flags = flags;
  int result = 0;
  do {
    result = ioctl(fd, DMA_BUF_IOCTL_SYNC, &request);
  } while (result < 0 && (errno == EINTR || errno == EAGAIN));
  return result < 0 ? errno : 0;
}

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
      : fd_(fcntl(fd, F_DUPFD_CLOEXEC, 0)),
        bytes_(bytes),
        data_(mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, fd_.get(), 0)) {
    if (data_ == MAP_FAILED) {
      throw Error("internal", systemMessage("A frame's memory could not be mapped", errno));
    }
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { munmap(data_, bytes_); }

  int fd() const { return fd_.get(); }
  const uint8_t* at(size_t offset) const { return static_cast<const uint8_t*>(data_) + offset; }

 private:
  UniqueFd fd_;
  size_t bytes_;
  void* data_;
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
