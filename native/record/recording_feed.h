#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "record/recorder.h"

namespace pimon {

// What of an encoder's packets goes to a recording, which may end while the encoder goes on for
// others: with the last frame that it was handed by then.
class RecordingFeed {
 public:
  explicit RecordingFeed(std::shared_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}

  const std::shared_ptr<Recorder>& recorder() const { return recorder_; }

  // Any thread, packets in their order.
  void push(const PacketPtr& packet);
  // The frame of this number is the recording's last; called before the encoder is handed the next.
  void endAfter(uint64_t sequence);
  // Waits until that frame's packet has come, or a later one, and at most `limit`. Returns what the
  // encoder lost of the recording's frames since the last packet.
  Losses waitForEnd(std::chrono::milliseconds limit);

 private:
  Losses lostUpToEnd(const Losses& lost) const;

  const std::shared_ptr<Recorder> recorder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<uint64_t> newest_;  // that went to the recorder
  std::optional<uint64_t> end_;
  std::optional<Losses> lost_;  // before the first packet after the end
};

}  // namespace pimon
