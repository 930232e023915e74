#pragma once

#include <optional>
#include <span>
#include <vector>

#include "camera/stamp.h"
#include "encode/encoder.h"
#include "helpers/video_file.h"
#include "support/av.h"

namespace pimon {

// A decoded picture, by what the tests ask of it.
struct Decoded {
  std::optional<Stamp> stamp;
  int64_t pts = 0;
  bool key = false;
  int width = 0;
  int height = 0;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
  AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
  AVColorSpace space = AVCOL_SPC_UNSPECIFIED;
};

// H.264 through libavcodec. Anything it stumbles over throws.
class Decoder {
 public:
  // `parameters` of a container's stream, or null for Annex B.
  explicit Decoder(const AVCodecParameters* parameters);

  void put(std::span<const uint8_t> data, int64_t pts);
  // All pictures in the order they are shown; only once.
  std::vector<Decoded> finish();

 private:
  void receive();

  AvPtr<AVCodecContext> context_;
  std::vector<Decoded> pictures_;
};

// The packets' pictures; pts is the sensor time in microseconds.
std::vector<Decoded> decode(const std::vector<PacketPtr>& packets);

// The pictures of a file; pts is the file's, in microseconds.
std::vector<Decoded> decode(const VideoFile& file);

}  // namespace pimon
