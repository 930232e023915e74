#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "record/recorder.h"

namespace pimon {

// Listens to a recorder and writes down what it says.
class RecorderLog final : public RecorderListener {
 public:
  struct Done {
    StopReason reason;
    std::optional<Error> error;
  };

  void onFirstFrame(const FrameInfo& first) noexcept override {
    const std::lock_guard lock(mutex_);
    first_ = first;
  }
  void onFramesLost(const Losses& losses) noexcept override {
    const std::lock_guard lock(mutex_);
    losses_ += losses;
  }
  void onKeyframeWanted() noexcept override {
    const std::lock_guard lock(mutex_);
    ++keyframesWanted_;
  }
  void onSegmentOpened(const SegmentFile& file) noexcept override {
    const std::lock_guard lock(mutex_);
    opened_.push_back(file);
  }
  void onSegmentClosed(const SegmentFile& file) noexcept override {
    const std::lock_guard lock(mutex_);
    closed_.push_back(file);
  }
  void onRecorderDone(StopReason reason, const std::optional<Error>& error) noexcept override {
    const std::lock_guard lock(mutex_);
    done_.push_back({reason, error});
  }

  std::optional<FrameInfo> first() const {
    const std::lock_guard lock(mutex_);
    return first_;
  }
  Losses losses() const {
    const std::lock_guard lock(mutex_);
    return losses_;
  }
  int keyframesWanted() const {
    const std::lock_guard lock(mutex_);
    return keyframesWanted_;
  }
  std::vector<SegmentFile> opened() const {
    const std::lock_guard lock(mutex_);
    return opened_;
  }
  std::vector<SegmentFile> closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  std::vector<Done> done() const {
    const std::lock_guard lock(mutex_);
    return done_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<FrameInfo> first_;
  Losses losses_;
  int keyframesWanted_ = 0;
  std::vector<SegmentFile> opened_;
  std::vector<SegmentFile> closed_;
  std::vector<Done> done_;
};

}  // namespace pimon
