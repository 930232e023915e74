#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "camera/frame.h"
#include "camera/frame_source.h"
#include "support/worker.h"

namespace pimon {

// One coded picture, Annex B, keyframes with SPS and PPS in front.
struct Packet {
  FrameInfo info;     // of the frame it shows
  Losses lostBefore;  // frames lost between the packet before and this one, by stage
  bool key = false;
  std::vector<uint8_t> data;
};
using PacketPtr = std::shared_ptr<const Packet>;

struct EncoderSettings {
  std::string kind = "auto";            // auto | v4l2 | software
  int bitrate = 0;                      // of the hardware, bits a second; 0: by the picture's size
  std::string preset = "superfast";     // libx264's
  int quality = 23;                     // libx264's constant rate factor, 0 … 51
  int threads = 1;                      // of libx264; above 1 it slices each frame
  int mostBitrate = 0;                  // of libx264, bits a second over half of one; 0: no limit
  std::chrono::milliseconds gop{1000};  // keyframe distance, by sensor time
  Priority priority = Priority::Recording;  // of the software encoder's threads
};

// Whether an encoder that was started with the one takes the other by apply().
inline bool isSameEncoder(const EncoderSettings& a, const EncoderSettings& b) {
  return a.kind == b.kind && a.preset == b.preset && a.threads == b.threads;
}

// Takes what an encoder makes. All calls come from the encoder's one thread, in the order of the
// frames; they hand over and return, and never throw.
class PacketListener {
 public:
  virtual ~PacketListener() = default;
  virtual void onPacket(PacketPtr packet) noexcept = 0;
  // The encoder gives no more packets. Stop it from another thread.
  virtual void onEncoderError(const Error& error) noexcept = 0;
};

enum class Submitted : uint8_t {
  Yes,
  Full,    // it holds capacity() frames already
  Closed,  // it is draining, has failed or is stopped
};

// What an encoder says of itself while it runs.
struct EncoderReport {
  std::string device;        // its node, or empty
  uint64_t bytesCopied = 0;  // of frames that it could not read where they were
  std::string note;          // what a person should know, or empty
};

// H.264. start, drain and stop are called by one thread, submit by the source's.
class Encoder {
 public:
  virtual ~Encoder() = default;

  virtual std::string name() const = 0;  // "software", "v4l2"
  // Frames it may hold at once; known once it has started.
  virtual int capacity() const = 0;
  // Throws encoder-unavailable or encoder-refused. `listener` must outlive stop().
  virtual void start(const StreamFormat& format, PacketListener& listener) = 0;
  // Never blocks; a frame answered Full or Closed is not taken. `lostBefore` comes out with this
  // frame's packet; what the encoder loses itself it adds at Stage::Encoder to the next one.
  virtual Submitted submit(FramePtr frame, const Losses& lostBefore) noexcept = 0;
  // The next frame becomes a keyframe: one that waits in the encoder or one soon submitted.
  virtual void requestKeyframe() noexcept = 0;
  // Any thread. Bitrate, quality and GOP change with the next frames, as far as the encoder can.
  virtual void apply(const EncoderSettings& /*settings*/) noexcept {}
  virtual EncoderReport report() const { return {}; }
  // Takes no more frames, and waits until those it has have come out as packets, at most `limit`.
  // Returns the frames given up, with what was lost before them. Only stop() follows.
  virtual Losses drain(std::chrono::milliseconds limit) = 0;
  // Lets go of all frames. No call reaches the listener after it returns.
  virtual void stop() = 0;
};

struct EncoderChoice {
  std::unique_ptr<Encoder> encoder;
  std::string reason;                 // why this one
  std::unique_ptr<Encoder> fallback;  // to take where `encoder` does not start, or null
};
// Throws encoder-unavailable where v4l2 is asked for and absent.
EncoderChoice chooseEncoder(const EncoderSettings& settings, const StreamFormat& format);

// How many buffers a camera is to have, so that this machine's encoder rides out a busy moment.
int cameraBuffers(const SourceConfig& config);
// How many of them an encoder may hold: the preview has another, and the camera fills the last.
int framesToHold(const StreamFormat& format);

}  // namespace pimon
