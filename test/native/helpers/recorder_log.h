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
  std::vector<Done> done() const {
    const std::lock_guard lock(mutex_);
    return done_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<FrameInfo> first_;
  Losses losses_;
  std::vector<Done> done_;
};

}  // namespace pimon
