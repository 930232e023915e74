#pragma once

#include <cstdint>
#include <vector>

#include "encode/encoder.h"
#include "preview/message.h"

namespace pimon {

// A message of the preview socket (preview/message.h) that carries H.264.
struct LiveMessage {
  MessageType type = MessageType::Mp4Fragment;
  bool key = false;  // a fragment that can be shown without those before it
  std::vector<uint8_t> bytes;
};

// H.264 for whoever watches: an MP4 whose fragments are a frame each, so that none waits for the
// next. Times in it are the sensor's, in µs of CLOCK_MONOTONIC; a frame's duration is the nominal
// one, as the next frame is not there yet. One thread.
class LiveMuxer {
 public:
  explicit LiveMuxer(const StreamFormat& format) : format_(format) {}

  // What a packet becomes: nothing before the first keyframe, an init in front of a keyframe whose
  // parameter sets are new, and the fragment.
  std::vector<LiveMessage> add(const Packet& packet);

 private:
  LiveMessage init(const Packet& keyframe) const;
  LiveMessage fragment(const Packet& packet);

  StreamFormat format_;
  std::vector<uint8_t> configuration_;  // the avcC that the last init had; empty before it
  uint32_t fragments_ = 0;
};

}  // namespace pimon
