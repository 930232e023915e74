#pragma once

#include "record/mp4_boxes.h"
#include "record/mp4_samples.h"
#include "record/output_file.h"

namespace pimon {

// How a fragmented MP4 becomes an ordinary one where it stands, as OBS's Hybrid MP4 does:
//
//   while it grows   ftyp  free  moov  moof mdat  moof mdat …
//   in between       ftyp  free  moov  moof mdat  moof mdat …  moov
//   closed           ftyp  mdat ····························  moov
//
// The index is appended and synced; then 16 bytes, within one sector, turn the box free into one
// mdat that reaches to the index and hides the fragments' headers. At every instant it plays.

// What begins the file: to here in one write.
std::vector<uint8_t> mp4Beginning(const Mp4Track& track);

// Where the box free stands, and its bytes: the header of a box mdat with a 64-bit size.
inline constexpr uint64_t kMp4Placeholder = 32;
inline constexpr uint64_t kMp4PlaceholderBytes = 16;

// Everything in the file is a whole fragment; returns once the disk has the closed file.
void closeMp4(OutputFile& file, const Mp4Track& track, const Mp4Samples& samples);

}  // namespace pimon
