#include "record/output_file.h"

#include <fcntl.h>

#include <cerrno>

#include "support/av.h"
#include "support/error.h"

namespace pimon {

namespace {

// One write a fragment in most cases: 0.5 s at 4 Mb/s.
constexpr int kBufferBytes = 256 * 1024;

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

}  // namespace

OutputFile::~OutputFile() {
  if (avio_ == nullptr) return;
  av_freep(&avio_->buffer);
  avio_context_free(&avio_);
}

void OutputFile::create(const std::string& path) {
  path_ = path;
  fd_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0664));
  if (!fd_.valid()) throw diskError(path, errno);
  auto* buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
  if (buffer == nullptr) throw std::bad_alloc();
  // Generic, as libavformat 61 made the data const.
  const auto write = [](void* self, auto* data, int size) {
    return static_cast<OutputFile*>(self)->writeAll(data, static_cast<size_t>(size));
  };
  avio_ = avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, write, nullptr);
  if (avio_ == nullptr) {
    av_free(buffer);
    throw std::bad_alloc();
  }
}

void OutputFile::check() const {
  if (failure_ != 0) throw diskError(path_, failure_);
}

int OutputFile::writeAll(const uint8_t* data, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = ::write(fd_.get(), data + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      failure_ = errno;
      return AVERROR(failure_);
    }
    done += static_cast<size_t>(n);
    bytes_ += static_cast<uint64_t>(n);
  }
  return static_cast<int>(size);
}

}  // namespace pimon
