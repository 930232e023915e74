#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "encode/encoder.h"

namespace pimon {

// Listens to an encoder and keeps its packets. It can make the encoder wait, as a listener must
// not, to show what the encoder does with a codec that is slow.
class PacketLog final : public PacketListener {
 public:
  void onPacket(PacketPtr packet) noexcept override {
    std::unique_lock lock(mutex_);
    packets_.push_back(std::move(packet));
    opened_.wait(lock, [this] { return !blocked_; });
  }

  void onEncoderError(const Error& error) noexcept override {
    const std::lock_guard lock(mutex_);
    error_ = error;
  }

  // From the next packet on.
  void block() {
    const std::lock_guard lock(mutex_);
    blocked_ = true;
  }
  void unblock() {
    {
      const std::lock_guard lock(mutex_);
      blocked_ = false;
    }
    opened_.notify_all();
  }

  std::vector<PacketPtr> packets() const {
    const std::lock_guard lock(mutex_);
    return packets_;
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return packets_.size();
  }
  std::optional<Error> error() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable opened_;
  bool blocked_ = false;
  std::vector<PacketPtr> packets_;
  std::optional<Error> error_;
};

}  // namespace pimon
