#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "encode/encoder.h"
#include "encode/keyframe_clock.h"
#include "support/bounded_queue.h"
#include "support/worker.h"

namespace pimon {

// An encoder without a codec: its packets are those of stub_packets.h. It can be slow, and fail.
class StubEncoder final : public Encoder {
 public:
  struct Behaviour {
    std::chrono::milliseconds perFrame{0};
    std::optional<int> failAt;  // the packet that is an error instead
    bool failWhileDraining = false;
    bool refuse = false;  // to start
  };
  // Of the encoders made from now on, by stubEncoder().
  static void behave(const Behaviour& behaviour);
  // How many have been started since then.
  static int starts();

  explicit StubEncoder(const EncoderSettings& settings);
  ~StubEncoder() override;

  std::string name() const override { return "stub"; }
  int capacity() const override { return kCapacity; }
  void start(const StreamFormat& format, PacketListener& listener) override;
  Submitted submit(FramePtr frame, const Losses& lostBefore) noexcept override;
  void requestKeyframe() noexcept override { keyframes_->request(); }
  Losses drain(std::chrono::milliseconds limit) override;
  void stop() override;

 private:
  static constexpr int kCapacity = 4;
  struct Job {
    FramePtr frame;
    Losses lostBefore;
  };

  void run(PacketListener& listener);

  EncoderSettings settings_;
  Behaviour behaviour_;
  std::unique_ptr<KeyframeClock> keyframes_;
  BoundedQueue<Job> jobs_{kCapacity - 1};
  std::optional<Job> inWork_;
  Worker worker_;
};

// A Pipeline::ChooseEncoder.
EncoderChoice stubEncoder(const EncoderSettings& settings, const StreamFormat& format);

}  // namespace pimon
