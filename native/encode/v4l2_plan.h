#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "encode/encoder.h"

namespace pimon {

// What the Pi's encoder is told for a stream.
struct V4l2Plan {
  int bitrate = 0;         // bits a second
  int level = 0;           // of V4L2_CID_MPEG_VIDEO_H264_LEVEL
  int keyframePeriod = 0;  // frames
  size_t codedBytes = 0;   // of one CAPTURE buffer: larger than any coded frame, as those are split
};

V4l2Plan planFor(const StreamFormat& format, const EncoderSettings& settings);

// Why the stream is more than the encoder is made for; nothing where it fits.
std::optional<std::string> whyTooMuch(const StreamFormat& format);

// What to do about an errno of STREAMON or REQBUFS, where the driver passes the firmware's own
// status on.
std::string refusal(int errnum);

}  // namespace pimon
