#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "camera/frame_source.h"
#include "record/output_file.h"

namespace pimon {

// Matroska (RFC 9559) as it is written here:
//
//   while it grows   EBML  Segment (size unknown) { Void  Info  Tracks  Cluster  Cluster …
//   closed           EBML  Segment { SeekHead  Info  Tracks  Cluster … Cluster  Cues }
//
// The Cues are appended and synced, then the head is written again in one piece of the same length:
// it plays at every instant. Times are in milliseconds, the finest that clusters of some seconds
// can hold.

struct MkvTrack {
  StreamFormat format;
  int64_t firstWallUs = 0;
  std::vector<uint8_t> avcConfiguration;
};

struct MkvBlock {
  int64_t ms = 0;
  bool key = false;
  uint32_t bytes = 0;
};

// A keyframe, and the cluster it is in.
struct MkvCue {
  int64_t ms;
  uint64_t cluster;  // in the file
};

// What is known of a file once it can be closed.
struct MkvIndex {
  std::vector<MkvCue> cues;
  int64_t durationMs = 0;
};

// In front of Info there is room for a SeekHead.
inline constexpr size_t kMkvSeekRoom = 100;

// The head of a file that grows.
std::vector<uint8_t> mkvBeginning(const MkvTrack& track);

// The pictures of `blocks` stand one behind the other in `data`.
std::vector<uint8_t> mkvCluster(std::span<const MkvBlock> blocks, std::span<const uint8_t> data);

// Everything in the file is whole; returns once the disk has the closed file. The head, `headBytes`
// long, is taken from the file.
void closeMkv(OutputFile& file, const MkvIndex& index, size_t headBytes);

}  // namespace pimon
