#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pimon {

struct FragmentFrame {
  uint32_t bytes = 0;
  int64_t ptsUs = 0;
  bool key = false;
};

// One fragment, boxes moof and mdat. The frames' pictures stand one behind the other in `data`;
// `endUs` is when the last one ends. The numbers run from 1.
std::vector<uint8_t> mp4Fragment(uint32_t number, std::span<const FragmentFrame> frames,
                                 int64_t endUs, std::span<const uint8_t> data);

// The bytes before the data of a fragment of so many frames.
uint64_t mp4FragmentHeadBytes(size_t frames);

// A fragment's head read back. `box` is a whole box moof of those that mp4Fragment writes; false
// where it is none. `durationUs` is the last frame's.
bool readMp4Fragment(std::span<const uint8_t> box, std::vector<FragmentFrame>& frames,
                     uint32_t& durationUs);

}  // namespace pimon
