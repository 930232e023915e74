#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "encode/encoder.h"

namespace pimon {

// Coded pictures without a codec: parameter sets that a container takes, and a slice that holds
// the frame's sequence number where a real one holds the picture.

std::vector<uint8_t> stubPicture(uint64_t sequence, bool key, size_t bytes = 200);
PacketPtr stubPacket(const FrameInfo& info, bool key, const Losses& lostBefore = {},
                     size_t bytes = 200);
// At 30 frames a second from an arbitrary instant on, with a keyframe every `gop`.
PacketPtr stubPacket(uint64_t sequence, int gop = 30, const Losses& lostBefore = {},
                     size_t bytes = 200);

// The sequence number in a coded picture, from an encoder or out of an MP4.
std::optional<uint64_t> stubSequence(std::span<const uint8_t> data);
// Of every frame of a file.
std::vector<uint64_t> stubSequences(const std::string& path);

// 320×180 at 30.
StreamFormat stubFormat();

}  // namespace pimon
