#include "preview/message.h"

#include <cstddef>

namespace pimon {

namespace {

constexpr size_t kHeaderBytes = 24;
constexpr uint8_t kKey = 1;

void append(std::vector<uint8_t>& bytes, uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

}  // namespace

std::vector<uint8_t> previewMessage(MessageType type, bool key, const FrameInfo& info,
                                    std::span<const uint8_t> payload) {
  std::vector<uint8_t> bytes;
  bytes.reserve(kHeaderBytes + payload.size());
  append(bytes, static_cast<uint8_t>(type), 1);
  append(bytes, key ? kKey : 0, 1);
  append(bytes, kHeaderBytes, 2);
  append(bytes, info.sequence, 4);
  append(bytes, static_cast<uint64_t>(info.sensorNs), 8);
  append(bytes, static_cast<uint64_t>(info.wallUs), 8);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

}  // namespace pimon
