#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/av.h"

namespace pimon {

// What a container says of a frame, and the coded frame.
struct VideoFrame {
  int64_t ptsUs = 0;
  bool key = false;
  std::vector<uint8_t> data;
};

// A video as libavformat reads it.
struct VideoFile {
  std::vector<VideoFrame> frames;  // up to the first that is not whole
  std::shared_ptr<AVCodecParameters> parameters;
};

// Empty where the file has no complete header.
VideoFile readVideo(const std::string& path);

}  // namespace pimon
