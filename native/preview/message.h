#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "camera/frame.h"

namespace pimon {

enum class MessageType : uint8_t { Jpeg = 1, Mp4Init = 2, Mp4Fragment = 3 };

// A message of the preview socket, little endian: u8 type, u8 flags (1: can be shown without
// another), u16 header length (24), u32 frame sequence, u64 sensor time in ns, u64 wall time in µs
// (0: unknown), then the payload.
std::vector<uint8_t> previewMessage(MessageType type, bool key, const FrameInfo& info,
                                    std::span<const uint8_t> payload);

}  // namespace pimon
