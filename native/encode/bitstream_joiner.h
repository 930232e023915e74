#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pimon {

// Makes whole pictures of what the encoder hands out. It splits a picture that is larger than one
// buffer without saying so, gives parameter sets in a buffer of their own, or leaves them out, and
// its first buffer may hold anything.
class BitstreamJoiner {
 public:
  struct Picture {
    int64_t timestampUs = 0;
    bool key = false;
    std::vector<uint8_t> data;  // Annex B; a keyframe with its parameter sets in front
  };

  // One buffer: `full` where not a byte was left free. Returns the pictures that are complete now.
  std::vector<Picture> add(std::span<const uint8_t> data, int64_t timestampUs, bool full);
  // What waited for a continuation that will not come.
  std::vector<Picture> flush();

 private:
  void finish(std::vector<Picture>& pictures);

  std::optional<Picture> open_;  // may go on in the next buffer
  std::vector<uint8_t> headers_;
};

}  // namespace pimon
