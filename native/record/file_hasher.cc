#include "record/file_hasher.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "record/output_file.h"

// libavutil is there for the encoder anyway, and its SHA-256 reads far faster than any recording
// grows; libcrypto would be one more package, the kernel's AF_ALG is not in every kernel.
extern "C" {
#include <libavutil/mem.h>
#include <libavutil/sha.h>
}

namespace pimon {

namespace {

constexpr size_t kBlockBytes = size_t{256} << 10;

class Sha256 {
 public:
  Sha256() : context_(av_sha_alloc()) {
    if (!context_) throw std::bad_alloc();
    av_sha_init(context_.get(), 256);
  }
  void update(const uint8_t* data, size_t bytes) { av_sha_update(context_.get(), data, bytes); }
  std::string finish() {
    std::array<uint8_t, 32> digest{};
    av_sha_final(context_.get(), digest.data());
    std::string text;
    for (const uint8_t byte : digest) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    return text;
  }

 private:
  struct Free {
    void operator()(AVSHA* context) const { av_free(context); }
  };
  std::unique_ptr<AVSHA, Free> context_;
};

}  // namespace

std::optional<FileHash> hashFile(const std::string& path, const std::atomic<bool>& cancelled) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) throw diskError(path, errno);
  ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<uint8_t> block(kBlockBytes);
  Sha256 sha;
  FileHash hash;
  for (;;) {
    if (cancelled) return std::nullopt;
    const ssize_t n = ::read(fd.get(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw diskError(path, errno);
    if (n == 0) break;
    sha.update(block.data(), static_cast<size_t>(n));
    hash.bytes += static_cast<uint64_t>(n);
  }
  // A recording is seldom read again soon; the cache is better used for what is written.
  ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  hash.sha256 = sha.finish();
  return hash;
}

FileHasher::FileHasher() {
  worker_.start(
      "hasher", [this] { run(); }, [](const Error&) {}, Priority::Background);
}

FileHasher::~FileHasher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  worker_.join();
}

void FileHasher::add(const std::string& path, Done done) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({path, std::move(done)});
  }
  changed_.notify_one();
}

void FileHasher::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    try {
      if (const auto hash = hashFile(job.path, stopping_)) job.done(*hash);
    } catch (const Error&) {
      // Removed meanwhile, or the disk is gone: its hash stays unknown.
    }
    lock.lock();
  }
}

}  // namespace pimon
