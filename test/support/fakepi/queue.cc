#include "queue.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "faults.h"
#include "stats.h"

namespace fakepi {

namespace {

constexpr uint32_t mostBuffers = 32;
// A program tells the two sides' mappings apart by this.
constexpr uint32_t captureOffset = 0x40000000;
constexpr int64_t usPerSecond = 1'000'000;

uint32_t wholePages(size_t bytes) {
  const size_t page = sysconf(_SC_PAGESIZE);
  return static_cast<uint32_t>((bytes + page - 1) / page * page);
}

}  // namespace

uint64_t sampleOf(const Mapping& contents) {
  constexpr size_t step = 1021;
  uint64_t sum = 0;
  for (size_t at = 0; at + sizeof(uint64_t) <= contents.size(); at += step) {
    uint64_t word = 0;
    std::memcpy(&word, contents.data() + at, sizeof(word));
    sum = (sum ^ word) * 0x9e3779b97f4a7c15;
  }
  return sum;
}

int Queue::reqbufs(v4l2_requestbuffers& request, uint32_t sizeImage) {
  if (request.memory != V4L2_MEMORY_MMAP && request.memory != V4L2_MEMORY_DMABUF) return EINVAL;
  request.capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP | V4L2_BUF_CAP_SUPPORTS_DMABUF |
                         V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS;
  if (streaming_) return EBUSY;
  if (request.count == 0) {
    queued_.clear();
    buffers_.clear();
    return 0;
  }
  if (busy()) return EBUSY;

  const auto least = static_cast<uint32_t>(number(Fault::MinBuffers, 1));
  const uint32_t count = std::min(std::max(request.count, least), mostBuffers);
  std::vector<Buffer> made(count);
  for (uint32_t i = 0; i < count; ++i) {
    Buffer& buffer = made[i];
    buffer.index = i;
    buffer.length = sizeImage;
    if (request.memory != V4L2_MEMORY_MMAP) continue;
    buffer.offset = i * wholePages(sizeImage) + (isOutput() ? 0 : captureOffset);
    buffer.memory = allocate(Memory::Contiguous, sizeImage, O_CLOEXEC);
    if (!buffer.memory.valid()) return ENOMEM;
    buffer.mapping = Mapping(buffer.memory.get(), sizeImage, PROT_READ | PROT_WRITE);
  }
  buffers_ = std::move(made);
  memory_ = request.memory;
  request.count = count;
  return 0;
}

int Queue::find(const v4l2_buffer& buffer) const {
  if (buffer.index >= buffers_.size()) return -1;
  if (buffer.m.planes == nullptr || buffer.length < 1) return -1;
  return static_cast<int>(buffer.index);
}

void Queue::describe(const Buffer& from, v4l2_buffer& to) const {
  v4l2_plane* const planes = to.m.planes;
  to = {};
  to.index = from.index;
  to.type = type_;
  to.memory = memory_;
  to.field = V4L2_FIELD_NONE;
  to.flags = V4L2_BUF_FLAG_TIMESTAMP_COPY | from.flags;
  if (from.state == Buffer::State::Queued || from.state == Buffer::State::Active) {
    to.flags |= V4L2_BUF_FLAG_QUEUED;
  }
  if (from.state == Buffer::State::Done) to.flags |= V4L2_BUF_FLAG_DONE;
  to.timestamp.tv_sec = from.timestampUs / usPerSecond;
  to.timestamp.tv_usec = from.timestampUs % usPerSecond;
  to.length = 1;
  to.m.planes = planes;
  planes[0] = {};
  planes[0].bytesused = from.bytesUsed;
  planes[0].length = from.length;
  if (memory_ == V4L2_MEMORY_MMAP) {
    planes[0].m.mem_offset = from.offset;
  } else {
    planes[0].m.fd = from.importedFd;
  }
}

int Queue::querybuf(v4l2_buffer& buffer) const {
  const int index = find(buffer);
  if (index < 0) return EINVAL;
  describe(buffers_[index], buffer);
  return 0;
}

int Queue::expbuf(v4l2_exportbuffer& request) const {
  if (memory_ != V4L2_MEMORY_MMAP || request.index >= buffers_.size() || request.plane != 0 ||
      (request.flags & ~static_cast<uint32_t>(O_CLOEXEC | O_ACCMODE)) != 0) {
    return EINVAL;
  }
  const int command = (request.flags & O_CLOEXEC) != 0 ? F_DUPFD_CLOEXEC : F_DUPFD;
  request.fd = fcntl(buffers_[request.index].memory.get(), command, 0);
  return request.fd < 0 ? errno : 0;
}

// Imports a dma-buf, unless this index has it already: that is what makes pinning worth while.
int Queue::attach(Buffer& buffer, const v4l2_plane& plane, uint32_t sizeImage) {
  struct stat status;
  if (real::fstat(plane.m.fd, &status) != 0) return EINVAL;
  const size_t size = static_cast<size_t>(status.st_size);
  const size_t length = plane.length != 0 ? plane.length : size;
  if (length < sizeImage) return EINVAL;
  if (buffer.imported != status.st_ino || length > buffer.mapping.size()) {
    const auto kind = kindOf(plane.m.fd);
    if (!kind) return EINVAL;  // no dma-buf at all
    if (*kind != Memory::Contiguous || size < length) return EFAULT;
    Mapping mapping(plane.m.fd, size, isOutput() ? PROT_READ : PROT_READ | PROT_WRITE);
    if (mapping.data() == nullptr) return EFAULT;
    buffer.mapping = std::move(mapping);
    buffer.imported = status.st_ino;
    ++stats().imports;
  }
  buffer.importedFd = plane.m.fd;
  buffer.length = static_cast<uint32_t>(length);
  return 0;
}

int Queue::qbuf(v4l2_buffer& request, uint32_t sizeImage) {
  const int index = find(request);
  if (index < 0 || request.memory != memory_) return EINVAL;
  Buffer& buffer = buffers_[index];
  if (buffer.state != Buffer::State::Dequeued) {
    strictly(false, "a buffer that is queued was queued again");
    return EINVAL;
  }
  const v4l2_plane plane = request.m.planes[0];
  if (memory_ == V4L2_MEMORY_DMABUF) {
    if (const int error = attach(buffer, plane, sizeImage)) return error;
  } else if (buffer.length < sizeImage) {
    return EINVAL;
  }
  if (isOutput()) {
    if (plane.bytesused > buffer.length) return EINVAL;
    if (plane.data_offset != 0 && plane.data_offset >= plane.bytesused) return EINVAL;
    buffer.bytesUsed = plane.bytesused != 0 ? plane.bytesused : buffer.length;
    strictly(buffer.bytesUsed >= sizeImage, "bytesused leaves out a part of the frame");
    buffer.timestampUs = request.timestamp.tv_sec * usPerSecond + request.timestamp.tv_usec;
    if (isSet(Fault::Strict)) buffer.sample = sampleOf(buffer.mapping);
  }
  buffer.flags = 0;
  buffer.state = Buffer::State::Queued;
  queued_.push_back(buffer.index);
  describe(buffer, request);
  return 0;
}

int Queue::dqbuf(v4l2_buffer& request) {
  if (!streaming_ || request.m.planes == nullptr || request.length < 1) return EINVAL;
  if (failed_) return EIO;
  if (lastDequeued_) return EPIPE;
  if (done_.empty()) return EAGAIN;
  Buffer& buffer = buffers_[done_.front()];
  done_.pop_front();
  buffer.state = Buffer::State::Dequeued;
  describe(buffer, request);
  lastDequeued_ = (buffer.flags & V4L2_BUF_FLAG_LAST) != 0;
  return 0;
}

int Queue::streamon() {
  if (!busy()) return EINVAL;
  streaming_ = true;
  return 0;
}

void Queue::streamoff() {
  streaming_ = failed_ = lastDequeued_ = false;
  queued_.clear();
  done_.clear();
  for (Buffer& buffer : buffers_) buffer.state = Buffer::State::Dequeued;
}

void* Queue::mmap(size_t length, int protection, int flags, uint64_t offset) const {
  const int needed = isOutput() ? PROT_WRITE : PROT_READ;
  for (const Buffer& buffer : buffers_) {
    if (memory_ != V4L2_MEMORY_MMAP || buffer.offset != offset) continue;
    if ((flags & MAP_SHARED) == 0 || (protection & needed) == 0) break;
    if (length > wholePages(buffer.length)) break;
    return real::mmap(nullptr, length, protection, flags, buffer.memory.get(), 0);
  }
  errno = EINVAL;
  return MAP_FAILED;
}

bool Queue::idle() const {
  return !streaming_ || failed_ ||
         (!lastDequeued_ && std::all_of(buffers_.begin(), buffers_.end(), [](const Buffer& one) {
           return one.state == Buffer::State::Dequeued;
         }));
}

Buffer& Queue::take() {
  Buffer& buffer = buffers_[queued_.front()];
  queued_.pop_front();
  buffer.state = Buffer::State::Active;
  return buffer;
}

void Queue::finish(Buffer& buffer) {
  buffer.state = Buffer::State::Done;
  done_.push_back(buffer.index);
}

}  // namespace fakepi
