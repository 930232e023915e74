#pragma once

#include <memory>
#include <vector>

#include "camera/frame_source.h"
#include "camera/synthetic_scene.h"

namespace pimon {

// Where a painter's frames lie: in memory of its own, in one dma-buf each, of a Pi or its emulator,
// which its encoder can read or not, or in a file each that is given out as if it were one.
enum class Memory : uint8_t { Private, Contiguous, Scattered, PlainFile };

// Makes frames as the synthetic camera does, in either format and without its clock, and waits
// while all its buffers are out. Rows are padded, so that a stride taken for a width shows.
class Painter {
 public:
  Painter(Size size, PixelFormat format, double fps, Memory memory = Memory::Private);

  // The next frame, one interval after the one before.
  FramePtr next();
  // The same, `lateNs` after its time.
  FramePtr nextLate(int64_t lateNs);
  // The next `frames` frames are never made.
  void skip(uint64_t frames) { sequence_ += frames; }

  // Frames that somebody still has.
  int out() const;
  const StreamFormat& format() const { return format_; }
  void setColour(ColourSpace colour) { format_.colourSpace = colour; }

 private:
  struct Pool;

  StreamFormat format_;
  std::shared_ptr<Pool> pool_;  // frames may live longer than their painter
  SyntheticScene scene_;
  uint64_t sequence_ = 0;
  int64_t beginningNs_;
};

}  // namespace pimon
