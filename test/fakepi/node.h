#pragma once

#include <linux/videodev2.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// The encoder's node, by system calls alone.

inline constexpr uint32_t outputType = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
inline constexpr uint32_t captureType = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;

bool fakepiIsLoaded();
int64_t counted(const char* name);
// As fakepi_set_fault.
int fakepiSet(const char* name, const char* value);

// A fault for as long as this lives.
class Fault {
 public:
  Fault(const char* name, const std::string& value);
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;
  ~Fault();

 private:
  const char* name_;
};

// Owns a descriptor.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();
  int get() const { return fd_; }

 private:
  int fd_;
};

class Node {
 public:
  // As a program should: not blocking, closed on exec.
  Node();
  // Not open where it failed; `error` says why.
  Node(const char* path, int flags);

  int fd() const { return fd_.get(); }
  bool isOpen() const { return fd_.get() >= 0; }
  void close() { Fd ends = std::move(fd_); }

  // 0 or the errno.
  int call(unsigned long request, void* argument) const;
  int setControl(uint32_t id, int32_t value) const;
  // The value that is read back.
  int32_t control(uint32_t id) const;
  int setFormat(v4l2_format& format) const { return call(VIDIOC_S_FMT, &format); }
  // The count that was granted, or minus the errno.
  int requestBuffers(uint32_t type, uint32_t count, uint32_t memory) const;
  int streamOn(uint32_t type) const { return call(VIDIOC_STREAMON, &type); }
  int streamOff(uint32_t type) const { return call(VIDIOC_STREAMOFF, &type); }
  // The events that poll() reports at once, or after `timeoutMs`.
  short poll(short events, int timeoutMs = 0) const;

 private:
  Fd fd_;
};

// A multiplanar format without the packing of the kernel's struct.
struct PixelFormat {
  uint32_t width, height, fourcc, stride, sizeImage, colorspace, quantization;
};
PixelFormat contentOf(const v4l2_format& format);

v4l2_format formatOf(uint32_t type, uint32_t width, uint32_t height, uint32_t fourcc);

// A buffer of a dma heap; its descriptor is -1 and `error` set where there is none.
struct HeapBuffer {
  Fd fd;
  int error = 0;
};
HeapBuffer allocate(const std::string& heap, size_t bytes);

// Threads of this process with this name.
int threadsNamed(const std::string& name);
int openDescriptors();
