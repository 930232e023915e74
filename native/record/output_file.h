#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "support/error.h"
#include "support/unique_fd.h"

namespace pimon {

// What errno says of a file of a recording, with one of the codes disk-full, disk-unwritable,
// disk-gone, name-invalid and disk-error.
Error diskError(const std::string& path, int errnum);

// A file that grows at its end. One thread calls, except where it says so; all but the getters
// throw what diskError makes of errno.
class OutputFile {
 public:
  // A new one: the file must not exist, its folder must.
  void create(const std::string& path);
  // One that exists, to go on at its end. Throws recording-running where another OutputFile, of any
  // process, has it open: each holds a lock that ends with its process.
  void open(const std::string& path);

  void append(std::span<const uint8_t> data);
  // Over what is there.
  void overwrite(uint64_t offset, std::span<const uint8_t> data);
  // Cuts it to its first `bytes`.
  void truncate(uint64_t bytes);
  // Returns once the disk has it. Any thread.
  void sync() const;

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }
  // Handed to the kernel so far, also by an append that failed halfway.
  uint64_t bytes() const { return bytes_; }

 private:
  std::string path_;
  UniqueFd fd_;
  uint64_t bytes_ = 0;
};

// A new file survives a power cut only when its folder's entry has been synced as well. The fd is
// for that; throws as OutputFile does.
UniqueFd openFolder(const std::string& folder);

}  // namespace pimon
