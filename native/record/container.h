#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "encode/encoder.h"

namespace pimon {

// A video file that grows. One thread calls; all throw Error (disk-full, disk-unwritable,
// disk-error, name-invalid where the file exists).
class Container {
 public:
  virtual ~Container() = default;

  // Makes the file, which must not exist; its folder must.
  virtual void open(const std::string& path, const StreamFormat& format) = 0;
  // The first packet is a keyframe.
  virtual void write(const Packet& packet) = 0;
  // Everything written reaches the file; it plays from here on as before.
  virtual void close() = 0;

  // Handed to the kernel so far.
  virtual uint64_t bytes() const = 0;
  // For syncing from another thread; valid between open and the container's end.
  virtual int fd() const = 0;
};

std::unique_ptr<Container> makeMp4Container();

}  // namespace pimon
