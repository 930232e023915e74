#pragma once

#include <cstdint>

// The element ids of RFC 9559 that are written here.
namespace pimon::mkv {

inline constexpr uint32_t kEbml = 0x1a45dfa3;
inline constexpr uint32_t kSegment = 0x18538067;
inline constexpr uint32_t kSeekHead = 0x114d9b74;
inline constexpr uint32_t kSeek = 0x4dbb;
inline constexpr uint32_t kSeekId = 0x53ab;
inline constexpr uint32_t kSeekPosition = 0x53ac;
inline constexpr uint32_t kInfo = 0x1549a966;
inline constexpr uint32_t kTimestampScale = 0x2ad7b1;
inline constexpr uint32_t kDuration = 0x4489;
inline constexpr uint32_t kDateUtc = 0x4461;
inline constexpr uint32_t kMuxingApp = 0x4d80;
inline constexpr uint32_t kWritingApp = 0x5741;
inline constexpr uint32_t kTracks = 0x1654ae6b;
inline constexpr uint32_t kTrackEntry = 0xae;
inline constexpr uint32_t kTrackNumber = 0xd7;
inline constexpr uint32_t kTrackUid = 0x73c5;
inline constexpr uint32_t kTrackType = 0x83;
inline constexpr uint32_t kFlagLacing = 0x9c;
inline constexpr uint32_t kLanguage = 0x22b59c;
inline constexpr uint32_t kCodecId = 0x86;
inline constexpr uint32_t kCodecPrivate = 0x63a2;
inline constexpr uint32_t kDefaultDuration = 0x23e383;
inline constexpr uint32_t kVideo = 0xe0;
inline constexpr uint32_t kFlagInterlaced = 0x9a;
inline constexpr uint32_t kPixelWidth = 0xb0;
inline constexpr uint32_t kPixelHeight = 0xba;
inline constexpr uint32_t kColour = 0x55b0;
inline constexpr uint32_t kMatrix = 0x55b1;
inline constexpr uint32_t kRange = 0x55b9;
inline constexpr uint32_t kTransfer = 0x55ba;
inline constexpr uint32_t kPrimaries = 0x55bb;
inline constexpr uint32_t kCluster = 0x1f43b675;
inline constexpr uint32_t kTimestamp = 0xe7;
inline constexpr uint32_t kSimpleBlock = 0xa3;
inline constexpr uint32_t kCues = 0x1c53bb6b;
inline constexpr uint32_t kCuePoint = 0xbb;
inline constexpr uint32_t kCueTime = 0xb3;
inline constexpr uint32_t kCueTrackPositions = 0xb7;
inline constexpr uint32_t kCueTrack = 0xf7;
inline constexpr uint32_t kCueClusterPosition = 0xf1;

}  // namespace pimon::mkv
