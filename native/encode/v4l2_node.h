#pragma once

#include <optional>
#include <string>

namespace pimon {

// The Pi's H.264 encoder as a device node.
struct EncoderNode {
  std::string path;    // "/dev/video11"
  std::string driver;  // "bcm2835-codec"
  std::string card;    // "bcm2835-codec-encode"
};

// Asks the usual node first, then every /dev/video*: the driver must be bcm2835-codec, memory to
// memory, take planar YUV and give H.264 (its decoder does it the other way round).
std::optional<EncoderNode> findEncoderNode();

}  // namespace pimon
