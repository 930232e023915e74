#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "camera/frame_source.h"
#include "camera/synthetic_scene.h"

namespace pimon {

// Makes frames as the synthetic camera does, in either format and without its clock. Rows are
// padded, so that a stride taken for a width shows.
class Painter {
 public:
  Painter(Size size, PixelFormat format, double fps);

  // The next frame, one interval after the one before.
  FramePtr next();
  // The same, `lateNs` after its time.
  FramePtr nextLate(int64_t lateNs);
  // The next `frames` frames are never made.
  void skip(uint64_t frames) { sequence_ += frames; }

  // Frames that somebody still has.
  int out() const { return *out_; }
  const StreamFormat& format() const { return format_; }
  void setColour(ColourSpace colour) { format_.colourSpace = colour; }

 private:
  StreamFormat format_;
  SyntheticScene scene_;
  uint64_t sequence_ = 0;
  int64_t beginningNs_;
  std::shared_ptr<std::atomic<int>> out_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace pimon
