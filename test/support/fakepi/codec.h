#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "controls.h"
#include "formats.h"
#include "picture.h"

namespace fakepi {

// Everything that a coded stream depends on; taken from the device's state when it starts.
struct CodecSettings {
  uint32_t fourcc = 0;
  int width = 0;
  int height = 0;
  v4l2_fract timePerFrame{};
  int bitrate = 0;
  bool constantRate = false;
  int profile = 0;
  int level = 0;
  int leastQp = 0;
  int mostQp = 0;

  static CodecSettings of(const Formats& formats, const Controls& controls);
  // Apart from the bitrate, which can change in midstream.
  bool sameStream(const CodecSettings& other) const;
};

// What the firmware does to a picture. One thread uses it.
class Codec {
 public:
  virtual ~Codec() = default;
  // SPS and PPS in Annex B; empty where the format has none.
  virtual const std::vector<uint8_t>& headers() const = 0;
  virtual void setBitrate(int bitsPerSecond) = 0;
  // Writes the coded picture over `coded`, without headers.
  virtual void encode(const Picture& picture, bool key, std::vector<uint8_t>& coded) = 0;
};

std::unique_ptr<Codec> makeH264(const CodecSettings& settings);
std::unique_ptr<Codec> makeJpeg(const CodecSettings& settings);

}  // namespace fakepi
