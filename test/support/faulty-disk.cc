// Preloaded into a process, spoils what it does below folders named recordings, for as long as the
// file named by FAULTY_DISK exists, and in the way that its first letter says:
//   stall: opening, reading and asking for room waits, like a disk that does not answer;
//   eio:   writing and syncing fails with EIO, like a disk that is broken.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

using Open = int (*)(const char*, int, ...);
using Read = ssize_t (*)(int, void*, size_t);

// The first letter of the file; 0 without one.
char fault() {
  static const char* const flag = std::getenv("FAULTY_DISK");
  if (flag == nullptr || ::access(flag, F_OK) != 0) return 0;
  static const auto open = real<Open>("open");
  static const auto read = real<Read>("read");
  char letter = 0;
  const int fd = open(flag, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  if (read(fd, &letter, 1) != 1) letter = 0;
  ::close(fd);
  return letter;
}

bool concerns(const char* path) {
  return path != nullptr && std::strstr(path, "/recordings") != nullptr;
}

bool concerns(int fd) {
  char link[32];
  char path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link, path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return concerns(path);
}

template <typename Where>
void stall(Where where) {
  if (fault() != 's' || !concerns(where)) return;
  while (fault() == 's') ::usleep(10'000);
}

template <typename Call>
auto unlessBroken(int fd, Call call) -> decltype(call()) {
  if (fault() != 'e' || !concerns(fd)) return call();
  errno = EIO;
  return -1;
}

mode_t modeOf(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = modeOf(flags, arguments);
  va_end(arguments);
  stall(path);
  static const auto next = real<Open>("open");
  return next(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = modeOf(flags, arguments);
  va_end(arguments);
  stall(path);
  static const auto next = real<Open>("open64");
  return next(path, flags, mode);
}

ssize_t read(int fd, void* data, size_t size) {
  stall(fd);
  static const auto next = real<Read>("read");
  return next(fd, data, size);
}

ssize_t pread(int fd, void* data, size_t size, off_t offset) {
  stall(fd);
  static const auto next = real<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return next(fd, data, size, offset);
}

ssize_t pread64(int fd, void* data, size_t size, off64_t offset) {
  stall(fd);
  static const auto next = real<ssize_t (*)(int, void*, size_t, off64_t)>("pread64");
  return next(fd, data, size, offset);
}

int statvfs(const char* path, struct statvfs* result) noexcept {
  stall(path);
  static const auto next = real<int (*)(const char*, struct statvfs*)>("statvfs");
  return next(path, result);
}

int statvfs64(const char* path, struct statvfs64* result) noexcept {
  stall(path);
  static const auto next = real<int (*)(const char*, struct statvfs64*)>("statvfs64");
  return next(path, result);
}

int statfs(const char* path, struct statfs* result) noexcept {
  stall(path);
  static const auto next = real<int (*)(const char*, struct statfs*)>("statfs");
  return next(path, result);
}

int statfs64(const char* path, struct statfs64* result) noexcept {
  stall(path);
  static const auto next = real<int (*)(const char*, struct statfs64*)>("statfs64");
  return next(path, result);
}

ssize_t write(int fd, const void* data, size_t size) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
  return unlessBroken(fd, [&] { return next(fd, data, size); });
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return unlessBroken(fd, [&] { return next(fd, data, size, offset); });
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return unlessBroken(fd, [&] { return next(fd, data, size, offset); });
}

int fsync(int fd) {
  static const auto next = real<int (*)(int)>("fsync");
  return unlessBroken(fd, [&] { return next(fd); });
}

int fdatasync(int fd) {
  static const auto next = real<int (*)(int)>("fdatasync");
  return unlessBroken(fd, [&] { return next(fd); });
}

}  // extern "C"
