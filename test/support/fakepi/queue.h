#pragma once

#include <linux/videodev2.h>

#include <cstdint>
#include <deque>
#include <vector>

#include "memory.h"
#include "real.h"

// One side's buffers, as videobuf2 keeps them. Functions named after ioctls answer with 0 or an
// errno. Not thread-safe: the device's mutex guards it.
namespace fakepi {

struct Buffer {
  enum class State { Dequeued, Queued, Active, Done };  // Active: the firmware reads it

  uint32_t index = 0;
  State state = State::Dequeued;
  real::Fd memory;  // of its own, for MMAP
  Mapping mapping;  // that, or what was imported
  ino_t imported = 0;
  int importedFd = -1;  // the program's number for it, told back
  uint32_t length = 0;
  uint32_t offset = 0;  // for mmap
  uint32_t bytesUsed = 0;
  uint32_t flags = 0;  // KEYFRAME, LAST, ERROR
  int64_t timestampUs = 0;
  uint64_t sample = 0;  // of the contents when it was queued; strict mode
};

class Queue {
 public:
  explicit Queue(uint32_t type) : type_(type) {}

  // What a buffer has to hold at least is fixed when it is allocated.
  int reqbufs(v4l2_requestbuffers& request, uint32_t sizeImage);
  int querybuf(v4l2_buffer& buffer) const;
  int expbuf(v4l2_exportbuffer& request) const;
  int qbuf(v4l2_buffer& buffer, uint32_t sizeImage);
  // EAGAIN where there is none; waiting is the caller's.
  int dqbuf(v4l2_buffer& buffer);
  int streamon();
  // In two steps: nothing more is begun, then, once no buffer is Active, all are the program's.
  void beginStreamoff() { streaming_ = false; }
  void streamoff();
  void* mmap(size_t length, int protection, int flags, uint64_t offset) const;

  bool busy() const { return !buffers_.empty(); }
  bool streaming() const { return streaming_; }
  // "Error" or "nothing to wait for", which is what poll() makes of POLLERR.
  bool idle() const;
  bool readable() const { return !done_.empty() || lastDequeued_; }

  // The firmware's side: takes the first in line, and gives it back.
  bool hasQueued() const { return !queued_.empty(); }
  size_t queuedCount() const { return queued_.size(); }
  Buffer& take();
  void finish(Buffer& buffer);
  // Until streamoff, every dqbuf is EIO.
  void fail() { failed_ = true; }
  bool failed() const { return failed_; }

 private:
  bool isOutput() const { return V4L2_TYPE_IS_OUTPUT(type_); }
  int find(const v4l2_buffer& buffer) const;
  void describe(const Buffer& from, v4l2_buffer& to) const;
  int attach(Buffer& buffer, const v4l2_plane& plane, uint32_t sizeImage);

  uint32_t type_;
  uint32_t memory_ = 0;
  std::vector<Buffer> buffers_;
  std::deque<uint32_t> queued_;
  std::deque<uint32_t> done_;
  bool streaming_ = false;
  bool failed_ = false;
  bool lastDequeued_ = false;
};

// Looks at the contents in some thousand places: cheap enough for the thread that queues it, and a
// frame that was reused in between differs in many of them.
uint64_t sampleOf(const Mapping& contents);

}  // namespace fakepi
