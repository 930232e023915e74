#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "encode/encoder.h"
#include "live/live_muxer.h"
#include "preview/previewer.h"

namespace pimon {

// Live video in a smaller size, for those whose link is too thin for the camera's own or not known
// yet. It is made of copies, by an encoder of its own below the recording's priority: whatever it
// takes, no buffer of the camera waits for it. Where it is busy pictures are left out.
class SmallVideo final : private PacketListener {
 public:
  // Called on the encoder's thread; they hand over and return.
  using Send = std::function<void(LiveMessage)>;
  using Fail = std::function<void(const Error&)>;
  using ChooseEncoder = EncoderChoice (*)(const EncoderSettings& settings,
                                          const StreamFormat& format);

  struct Counts {
    uint64_t frames = 0;   // that became fragments
    uint64_t skipped = 0;  // pictures that the encoder was too late for
  };

  SmallVideo(ChooseEncoder chooseEncoder, Send send, Fail fail);
  ~SmallVideo() override { stop(); }

  // start and stop are called by one thread. Returns the pictures to offer, for a camera of this
  // format. Nothing happens where it runs; one that failed is tried anew. Throws Error.
  PlainClass start(const StreamFormat& camera);
  void stop();

  // Any thread. Never blocks.
  void offer(SmallPicture picture, const FrameInfo& info) noexcept;
  void requestKeyframe() noexcept;
  Counts counts() const { return {.frames = frames_, .skipped = skipped_}; }

 private:
  void onPacket(PacketPtr packet) noexcept override;
  void onEncoderError(const Error& error) noexcept override;

  std::shared_ptr<Encoder> encoder() const;

  const ChooseEncoder chooseEncoder_;
  const Send send_;
  const Fail fail_;

  StreamFormat format_;             // control thread
  std::optional<LiveMuxer> muxer_;  // encoder thread, while one runs
  std::atomic<bool> failed_ = false;
  std::atomic<int> inEncoder_ = 0;
  std::atomic<uint64_t> frames_ = 0;
  std::atomic<uint64_t> skipped_ = 0;

  mutable std::mutex mutex_;
  std::shared_ptr<Encoder> encoder_;  // while it runs
};

}  // namespace pimon
