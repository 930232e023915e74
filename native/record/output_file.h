#pragma once

#include <cstdint>
#include <string>

#include "support/unique_fd.h"

struct AVIOContext;

namespace pimon {

// A new file that libavformat can write to. Errors of the disk come out as Error, which libavformat
// itself would reduce to a number.
class OutputFile {
 public:
  OutputFile() = default;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  // Throws name-invalid where the file exists, disk-unwritable, disk-full.
  void create(const std::string& path);
  AVIOContext* avio() { return avio_; }
  int fd() const { return fd_.get(); }
  uint64_t bytes() const { return bytes_; }
  // Throws what the last write ran into, if it failed.
  void check() const;

 private:
  int writeAll(const uint8_t* data, size_t size);

  std::string path_;
  UniqueFd fd_;
  AVIOContext* avio_ = nullptr;
  uint64_t bytes_ = 0;
  int failure_ = 0;  // errno
};

}  // namespace pimon
