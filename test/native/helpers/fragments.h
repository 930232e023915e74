#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pimon {

// A fragment of an MP4 as its boxes say it (ISO/IEC 14496-12): `moof` with one track, and `mdat`.
struct Fragment {
  struct Sample {
    uint32_t duration = 0;  // in the track's time base
    uint32_t bytes = 0;
    bool sync = false;  // a keyframe
  };

  uint64_t begin = 0;       // in the file
  uint64_t headerEnd = 0;   // where its mdat begins
  uint64_t decodeTime = 0;  // of the first sample
  std::vector<Sample> samples;
};

// libavformat's reader does not give out the durations that a fragment holds.
std::vector<Fragment> readFragments(const std::string& path);

}  // namespace pimon
