#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "camera/frame_source.h"
#include "camera/stamp.h"

namespace pimon {

// Listens to a source and writes down what it gives. Frames are let go at once unless held.
class FrameLog final : public FrameListener {
 public:
  struct Entry {
    FrameInfo info;
    int bufferIndex = 0;
    std::optional<Stamp> stamp;
    uint64_t lumaSum = 0;  // a checksum of the picture's luma
    Losses lostBefore;     // told between the frame before and this one
  };

  void onFrame(FramePtr frame) noexcept override;
  void onLost(Stage stage, uint64_t frames) noexcept override;
  void onSourceError(const Error& error) noexcept override;

  // From the next frame on, until release().
  void hold();
  // Stops holding and hands over what was held.
  std::vector<FramePtr> release();

  std::vector<Entry> entries() const;
  size_t size() const;
  size_t held() const;
  Losses losses() const;  // all that were told
  size_t calls() const;   // of any kind
  std::optional<Error> error() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<FramePtr> held_;
  bool holding_ = false;
  Losses losses_;
  Losses sinceFrame_;
  size_t calls_ = 0;
  std::optional<Error> error_;
};

// Checks that frames come in order and that every missing one was told before the next.
void checkAccount(const std::vector<FrameLog::Entry>& entries);

uint64_t lumaSum(const Picture& picture);

}  // namespace pimon
