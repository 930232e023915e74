#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/bitstream_joiner.h"
#include "encode/contiguous_copies.h"
#include "encode/encoder.h"
#include "encode/keyframe_request.h"
#include "encode/v4l2_device.h"
#include "support/wake_fd.h"
#include "support/worker.h"

namespace pimon {

// The Pi's encoder (README.md tells how it behaves). One thread owns the device: it hands it
// frames, takes pictures and gives frames back, each as it comes, and reopens the device when it
// falls silent.
class V4l2Encoder final : public Encoder {
 public:
  // How long the device may give nothing while it has frames.
  static constexpr std::chrono::milliseconds kSilence{2000};

  V4l2Encoder(std::string path, EncoderSettings settings,
              std::chrono::milliseconds silence = kSilence);
  ~V4l2Encoder() override;

  std::string name() const override { return "v4l2"; }
  int capacity() const override { return capacity_; }
  void start(const StreamFormat& format, PacketListener& listener) override;
  Submitted submit(FramePtr frame, const Losses& lostBefore) noexcept override;
  void requestKeyframe() noexcept override { keyframes_.request(); }
  void apply(const EncoderSettings& settings) noexcept override;
  EncoderReport report() const override;
  Losses drain(std::chrono::milliseconds limit) override;
  void stop() override;

 private:
  struct Job {
    FramePtr frame;
    Losses lostBefore;
  };
  // A frame that the device has been given, until its picture comes out.
  struct Pending {
    FrameInfo info;
    Losses lostBefore;
    int64_t timestampUs;
  };
  using Clock = std::chrono::steady_clock;

  // All below run on the encoder's thread.
  void run(PacketListener& listener);
  void open();
  void reopen(const std::string& why);
  void feed();
  bool queue(const Job& job);
  void copyFromNowOn(std::string_view why);
  std::optional<int> place(const Frame& frame) const;
  void tellDevice(const FrameInfo& info);
  void takePictures(PacketListener& listener);
  void takeFrames();
  void emit(BitstreamJoiner::Picture picture, PacketListener& listener);
  void loseOldest();
  void fail(const Error& error, PacketListener& listener);
  // When the device has been silent for too long.
  std::optional<Clock::time_point> giveUpAt() const;
  int pollLimitMs() const;
  bool done();

  const std::string path_;
  const std::chrono::milliseconds silence_;
  StreamFormat format_;
  int capacity_ = 0;
  WakeFd wake_;
  KeyframeRequest keyframes_;

  std::unique_ptr<V4l2Device> device_;
  std::unique_ptr<ContiguousCopies> copies_;  // while frames must be copied
  BitstreamJoiner joiner_;
  std::vector<FramePtr> held_;  // by OUTPUT index
  std::deque<Pending> pending_;
  Losses carried_;  // lost since the last picture
  Clock::time_point lastSign_;
  int reopenings_ = 0;  // since the last picture
  V4l2Plan plan_;
  bool askedForEnd_ = false;
  bool sawEnd_ = false;

  std::atomic<int> inside_ = 0;  // frames taken and not yet let go
  std::atomic<uint64_t> bytesCopied_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  EncoderSettings settings_;
  std::deque<Job> jobs_;
  std::string copying_;  // why
  bool closed_ = true;
  bool draining_ = false;
  bool stopping_ = false;
  bool finished_ = false;

  Worker worker_;
};

}  // namespace pimon
