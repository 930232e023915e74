#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "encode/encoder.h"

namespace pimon {

// What a container made of a frame.
struct Stored {
  std::optional<int64_t> pts;  // in the container's time base, where it has one
  uint32_t bytes = 0;          // of the picture in the file
};

// A video file that grows by fragments: frames gather in memory, and go to the kernel together. One
// thread calls; all throw Error (disk-full, disk-unwritable, disk-error, name-invalid where the
// file exists).
class Container {
 public:
  virtual ~Container() = default;

  // Makes the file, which must not exist; its folder must.
  virtual void open(const std::string& path, const StreamFormat& format) = 0;
  // The first packet is a keyframe with its parameter sets, which stay the same in this file; else
  // encoder-refused.
  virtual Stored write(const Packet& packet) = 0;
  // What was written goes to the kernel and can be read back. `nextSensorNs` is the time of the
  // frame after it, where it is known.
  virtual void flush(std::optional<int64_t> nextSensorNs) = 0;
  // Flushes, makes the file an ordinary one in place, and returns once the disk has it. It plays
  // at every instant of this.
  virtual void close() = 0;
  // After a failure: cuts off what did not become whole. What was flushed is left.
  virtual void revert() = 0;

  // Handed to the kernel so far.
  virtual uint64_t bytes() const = 0;
  // For syncing from another thread; valid between open and the container's end.
  virtual int fd() const = 0;
};

enum class ContainerKind : uint8_t { Mp4, Mkv, H264 };
// "mp4", "mkv", "h264": also the files' endings.
const char* name(ContainerKind kind);
// By that name.
std::optional<ContainerKind> containerKind(const std::string& name);
std::unique_ptr<Container> makeContainer(ContainerKind kind);

}  // namespace pimon
