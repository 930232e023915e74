#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "encode/encoder.h"
#include "preview/message.h"

namespace pimon {

// The camera's own size, from the encoder that recordings use; or a smaller one of its own.
enum class VideoClass : uint8_t { Full, Small };
inline constexpr std::array kVideoClasses{VideoClass::Full, VideoClass::Small};
const char* name(VideoClass videoClass);

// A message of the preview socket (preview/message.h) that carries H.264.
struct LiveMessage {
  VideoClass videoClass = VideoClass::Full;
  MessageType type = MessageType::Mp4Fragment;
  bool key = false;  // a fragment that can be shown without those before it
  std::vector<uint8_t> bytes;
};

// H.264 for whoever watches: an MP4 whose fragments are a frame each, so that none waits for the
// next. Times in it are the sensor's, in µs of CLOCK_MONOTONIC; a frame's duration is the nominal
// one, as the next frame is not there yet. One thread.
class LiveMuxer {
 public:
  explicit LiveMuxer(const StreamFormat& format, VideoClass videoClass = VideoClass::Full)
      : format_(format), videoClass_(videoClass) {}

  // What a packet becomes: nothing before the first keyframe, an init in front of a keyframe whose
  // parameter sets are new, and the fragment.
  std::vector<LiveMessage> add(const Packet& packet);

 private:
  LiveMessage init(const Packet& keyframe) const;
  LiveMessage fragment(const Packet& packet);

  StreamFormat format_;
  VideoClass videoClass_;
  std::vector<uint8_t> configuration_;  // the avcC that the last init had; empty before it
  uint32_t fragments_ = 0;
};

}  // namespace pimon
