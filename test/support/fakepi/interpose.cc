// The C library's functions on descriptors, with the fake devices in front of the real ones.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <string>

#include "dma_heap.h"
#include "real.h"
#include "registry.h"

#define FAKEPI_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using fakepi::Registry;
namespace dma_heap = fakepi::dma_heap;
namespace real = fakepi::real;

constexpr int notOurs = -2;

// A descriptor, -1 with errno, or `notOurs`.
int openFake(const char* path, int flags) {
  if (path == nullptr || std::strncmp(path, "/dev/", 5) != 0) return notOurs;
  const std::string whole = path;
  const std::string heaps = std::string(dma_heap::folder) + "/";
  if (whole.starts_with(heaps)) return dma_heap::open(whole.substr(heaps.size()), flags);
  if (whole == fakepi::nodePath()) return Registry::instance().open(flags);
  // Where the test wants none, a real one is not taken either.
  if (whole == "/dev/video11") {
    errno = ENOENT;
    return -1;
  }
  return notOurs;
}

mode_t modeOf(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int openAny(const char* path, int flags, mode_t mode) {
  const int fd = openFake(path, flags);
  return fd != notOurs ? fd : real::open(path, flags, mode);
}

int openAnyAt(int folder, const char* path, int flags, mode_t mode) {
  const int fd = openFake(path, flags);
  return fd != notOurs ? fd : real::openat(folder, path, flags, mode);
}

int asResult(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

void* mmapAny(void* address, size_t length, int protection, int flags, int fd, off64_t offset) {
  if (fd >= 0) {
    if (const auto device = Registry::instance().find(fd)) {
      return device->mmap(length, protection, flags, static_cast<uint64_t>(offset));
    }
  }
  return real::mmap(address, length, protection, flags, fd, offset);
}

}  // namespace

FAKEPI_EXPORT int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = modeOf(flags, arguments);
  va_end(arguments);
  return openAny(path, flags, mode);
}

FAKEPI_EXPORT int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = modeOf(flags, arguments);
  va_end(arguments);
  return openAny(path, flags | O_LARGEFILE, mode);
}

FAKEPI_EXPORT int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = modeOf(flags, arguments);
  va_end(arguments);
  return openAnyAt(folder, path, flags, mode);
}

FAKEPI_EXPORT int openat64(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = modeOf(flags, arguments);
  va_end(arguments);
  return openAnyAt(folder, path, flags | O_LARGEFILE, mode);
}

// What _FORTIFY_SOURCE makes of a call without a mode.
FAKEPI_EXPORT int __open_2(const char* path, int flags) { return openAny(path, flags, 0); }
FAKEPI_EXPORT int __open64_2(const char* path, int flags) {
  return openAny(path, flags | O_LARGEFILE, 0);
}
FAKEPI_EXPORT int __openat_2(int folder, const char* path, int flags) {
  return openAnyAt(folder, path, flags, 0);
}
FAKEPI_EXPORT int __openat64_2(int folder, const char* path, int flags) {
  return openAnyAt(folder, path, flags | O_LARGEFILE, 0);
}

FAKEPI_EXPORT int close(int fd) {
  const bool ours = Registry::instance().find(fd) != nullptr;
  const int result = real::close(fd);
  if (ours) Registry::instance().releaseAbandoned();
  return result;
}

// dup2 and dup3 close what they are put over, which may have been the last of an open.
FAKEPI_EXPORT int dup2(int from, int to) noexcept {
  static auto* const function = real::next<int(int, int)>("dup2");
  const bool ours = from != to && Registry::instance().find(to) != nullptr;
  const int result = function(from, to);
  if (ours) Registry::instance().releaseAbandoned();
  return result;
}

FAKEPI_EXPORT int dup3(int from, int to, int flags) noexcept {
  static auto* const function = real::next<int(int, int, int)>("dup3");
  const bool ours = from != to && Registry::instance().find(to) != nullptr;
  const int result = function(from, to, flags);
  if (ours) Registry::instance().releaseAbandoned();
  return result;
}

FAKEPI_EXPORT int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  // Callers that keep it in an int extend its sign.
  const auto number = static_cast<uint32_t>(request);
  const auto device = Registry::instance().find(fd);
  if (device) return asResult(device->ioctl(fd, number, argument));
  if (_IOC_TYPE(number) == 'H' || _IOC_TYPE(number) == 'b') {
    const int error = dma_heap::ioctl(fd, number, argument);
    if (error >= 0) return asResult(error);
  }
  return real::ioctl(fd, request, argument);
}

FAKEPI_EXPORT void* mmap(void* address, size_t length, int protection, int flags, int fd,
                         off_t offset) noexcept {
  return mmapAny(address, length, protection, flags, fd, offset);
}

FAKEPI_EXPORT void* mmap64(void* address, size_t length, int protection, int flags, int fd,
                           off64_t offset) noexcept {
  return mmapAny(address, length, protection, flags, fd, offset);
}
