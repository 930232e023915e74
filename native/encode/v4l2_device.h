#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "encode/v4l2_plan.h"
#include "support/mapping.h"
#include "support/unique_fd.h"

namespace pimon {

// One coding session of the Pi's encoder, from open to close: what the driver wants to be called
// with, in its order. One thread. Throws Error.
class V4l2Device {
 public:
  enum class Queued : uint8_t { Yes, NotContiguous, NotShared };

  struct Coded {
    int index = 0;
    int64_t timestampUs = 0;
    bool error = false;  // the driver says that the data is damaged
    bool last = false;
    bool full = false;
    std::span<const uint8_t> data;  // slow memory; valid until giveBack
  };

  // Opens, configures and starts it, for frames that come in so many different buffers.
  V4l2Device(const std::string& path, const StreamFormat& format, const V4l2Plan& plan, int frames);
  V4l2Device(const V4l2Device&) = delete;
  V4l2Device& operator=(const V4l2Device&) = delete;
  // May take 2 s, when the firmware is stuck.
  ~V4l2Device();

  int fd() const { return fd_.get(); }  // POLLIN: a coded buffer, POLLOUT: a frame is done
  // What the driver settled on, which may be more than the camera's.
  int stride() const { return stride_; }
  size_t frameBytes() const { return frameBytes_; }

  // The dma-buf `fd` holds one frame; the device reads it until takeFrame returns `index`.
  // NotShared: it is no dma-buf, or is too small for what the driver settled on.
  Queued queueFrame(int index, int fd, int64_t timestampUs);
  // The index of a frame that the device is done with.
  std::optional<int> takeFrame();
  std::optional<Coded> takeCoded();
  void giveBack(const Coded& coded);
  // What is queued comes out, then a buffer that says `last`. False where the driver cannot.
  bool askForEnd();

  void setBitrate(int bitsPerSecond);
  void setKeyframePeriod(int frames);
  void forceKeyframe();

 private:
  void setControls(const V4l2Plan& plan);
  void setFormats(const StreamFormat& format, const V4l2Plan& plan);
  void makeBuffers(int frames);
  void stream();
  void setControl(uint32_t id, int value) const;
  void call(unsigned long request, void* argument, const char* what) const;

  UniqueFd fd_;
  int stride_ = 0;
  size_t frameBytes_ = 0;
  std::vector<Mapping> coded_;
};

}  // namespace pimon
