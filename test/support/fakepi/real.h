#pragma once

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

// The functions that this object stands in front of. Inside it `close(fd)` would be its own.
namespace fakepi::real {

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

inline int open(const char* path, int flags, mode_t mode) {
  static auto* const function = next<int(const char*, int, ...)>("open");
  return function(path, flags, mode);
}

inline int openat(int folder, const char* path, int flags, mode_t mode) {
  static auto* const function = next<int(int, const char*, int, ...)>("openat");
  return function(folder, path, flags, mode);
}

inline int close(int fd) {
  static auto* const function = next<int(int)>("close");
  return function(fd);
}

inline int ioctl(int fd, unsigned long request, void* argument) {
  static auto* const function = next<int(int, unsigned long, ...)>("ioctl");
  return function(fd, request, argument);
}

inline void* mmap(void* address, size_t length, int protection, int flags, int fd, off64_t offset) {
  static auto* const function = next<void*(void*, size_t, int, int, int, off64_t)>("mmap64");
  return function(address, length, protection, flags, fd, offset);
}

inline int ppoll(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  static auto* const function =
      next<int(pollfd*, nfds_t, const timespec*, const sigset_t*)>("ppoll");
  return function(fds, count, timeout, mask);
}

inline int fstat(int fd, struct stat* status) {
  static auto* const function = next<int(int, struct stat*)>("fstat");
  return function(fd, status);
}

inline DIR* opendir(const char* path) {
  static auto* const function = next<DIR*(const char*)>("opendir");
  return function(path);
}

inline dirent* readdir(DIR* folder) {
  static auto* const function = next<dirent*(DIR*)>("readdir");
  return function(folder);
}

// Owns one file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

}  // namespace fakepi::real
