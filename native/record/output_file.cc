#include "record/output_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace pimon {

Error diskError(const std::string& path, int errnum) {
  switch (errnum) {
    case ENOSPC:
    case EDQUOT:
      return {"disk-full",
              "The disk is full: " + path + " cannot grow. Free space and start again."};
    case EACCES:
    case EPERM:
    case EROFS:
      return {"disk-unwritable", systemMessage("Cannot write " + path, errnum) +
                                     ". Check the folder's owner and mount."};
    case ENOENT:
    case ENOTDIR:
      return {"disk-gone",
              systemMessage("Cannot write " + path, errnum) + ". Is the disk mounted?"};
    case EEXIST:
      return {"name-invalid", path + " exists already; nothing is overwritten."};
    default:
      return {"disk-error", systemMessage("Cannot write " + path, errnum)};
  }
}

void OutputFile::create(const std::string& path) {
  path_ = path;
  fd_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0664));
  if (!fd_.valid()) throw diskError(path, errno);
  // Nobody can have it yet, and a file system without locks has to do.
  static_cast<void>(::flock(fd_.get(), LOCK_EX | LOCK_NB));
}

void OutputFile::open(const std::string& path) {
  path_ = path;
  fd_.reset(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (!fd_.valid() || ::fstat(fd_.get(), &status) != 0) throw diskError(path, errno);
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    throw Error("recording-running", path + " is being written by a program that runs.");
  }
  bytes_ = static_cast<uint64_t>(status.st_size);
  if (::lseek(fd_.get(), 0, SEEK_END) < 0) throw diskError(path, errno);
}

void OutputFile::append(std::span<const uint8_t> data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd_.get(), data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw diskError(path_, errno);
    bytes_ += static_cast<uint64_t>(n);
    data = data.subspan(static_cast<size_t>(n));
  }
}

void OutputFile::overwrite(uint64_t offset, std::span<const uint8_t> data) {
  while (!data.empty()) {
    const ssize_t n = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw diskError(path_, errno);
    offset += static_cast<uint64_t>(n);
    data = data.subspan(static_cast<size_t>(n));
  }
}

void OutputFile::truncate(uint64_t bytes) {
  const auto end = static_cast<off_t>(bytes);
  if (::ftruncate(fd_.get(), end) != 0 || ::lseek(fd_.get(), end, SEEK_SET) < 0) {
    throw diskError(path_, errno);
  }
  bytes_ = bytes;
}

void OutputFile::sync() const {
  if (::fsync(fd_.get()) != 0) throw diskError(path_, errno);
}

UniqueFd openFolder(const std::string& folder) {
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) throw diskError(folder, errno);
  return fd;
}

}  // namespace pimon
