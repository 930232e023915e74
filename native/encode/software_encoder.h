#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "encode/encoder.h"
#include "encode/keyframe_clock.h"
#include "support/av.h"
#include "support/bounded_queue.h"
#include "support/worker.h"

namespace pimon {

// libx264 through libavcodec, on a thread that gives way to the camera's. No B-frames and no
// lookahead: each frame comes out before the next goes in. The others wait in the camera's buffers.
class SoftwareEncoder final : public Encoder {
 public:
  explicit SoftwareEncoder(EncoderSettings settings);
  ~SoftwareEncoder() override;

  std::string name() const override { return "software"; }
  int capacity() const override;
  void start(const StreamFormat& format, PacketListener& listener) override;
  Submitted submit(FramePtr frame, const Losses& lostBefore) noexcept override;
  void requestKeyframe() noexcept override;
  void apply(const EncoderSettings& settings) noexcept override;
  Losses drain(std::chrono::milliseconds limit) override;
  void stop() override;

 private:
  struct Job {
    FramePtr frame;
    Losses lostBefore;
  };
  // A frame inside libavcodec.
  struct Pending {
    FrameInfo info;
    Losses lostBefore;
    int64_t pts;
  };

  void openAtPriority(const StreamFormat& format);
  void run(PacketListener& listener);
  void send(const Job& job);
  void receive(PacketListener& listener);
  template <class Frames>
  void giveUp(const Frames& frames);

  EncoderSettings settings_;
  int capacity_ = 0;
  std::atomic<int> quality_ = 0;  // as last asked for
  AvPtr<AVCodecContext> context_;
  AvPtr<AVPacket> packet_;
  std::unique_ptr<KeyframeClock> keyframes_;
  std::deque<Pending> pending_;  // encoder thread
  std::unique_ptr<BoundedQueue<Job>> jobs_;

  std::mutex mutex_;
  std::condition_variable ended_;
  bool finished_ = false;  // the thread will call the listener no more
  Losses givenUp_;         // control thread

  Worker worker_;
};

}  // namespace pimon
