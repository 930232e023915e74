#include "helpers/stub_packets.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "helpers/video_file.h"

namespace pimon {

namespace {

// Of a 320×180 picture that libx264 coded in the baseline profile.
constexpr std::array<uint8_t, 29> kSps{0x00, 0x00, 0x00, 0x01, 0x67, 0x42, 0xc0, 0x0d, 0xd9, 0x01,
                                       0x41, 0x9f, 0x9f, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10,
                                       0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x42, 0xa4, 0x80};
constexpr std::array<uint8_t, 9> kPps{0x00, 0x00, 0x00, 0x01, 0x68, 0xcb, 0x83, 0xcb, 0x20};
constexpr uint8_t kIdr = 0x65;
constexpr uint8_t kNonIdr = 0x41;
constexpr std::string_view kMark = "frame";
constexpr size_t kDigits = 12;
constexpr int64_t kBeginningNs = 5'000'000'000;
constexpr int64_t kFrameNs = 33'333'333;

}  // namespace

std::vector<uint8_t> stubPicture(uint64_t sequence, bool key, size_t bytes) {
  std::vector<uint8_t> data;
  if (key) {
    std::copy(kSps.begin(), kSps.end(), std::back_inserter(data));
    std::copy(kPps.begin(), kPps.end(), std::back_inserter(data));
  }
  std::array<char, kMark.size() + kDigits + 1> text{};
  std::snprintf(text.data(), text.size(), "frame%012llu",
                static_cast<unsigned long long>(sequence));
  for (const uint8_t byte : {uint8_t{0}, uint8_t{0}, uint8_t{1}, key ? kIdr : kNonIdr}) {
    data.push_back(byte);
  }
  data.insert(data.end(), text.begin(), text.end() - 1);
  data.resize(std::max(bytes, data.size()), 0xff);
  return data;
}

PacketPtr stubPacket(const FrameInfo& info, bool key, const Losses& lostBefore, size_t bytes) {
  return std::make_shared<Packet>(Packet{.info = info,
                                         .lostBefore = lostBefore,
                                         .key = key,
                                         .data = stubPicture(info.sequence, key, bytes)});
}

PacketPtr stubPacket(uint64_t sequence, int gop, const Losses& lostBefore, size_t bytes) {
  FrameInfo info;
  info.sequence = sequence;
  info.sensorNs = kBeginningNs + static_cast<int64_t>(sequence) * kFrameNs;
  info.wallUs = info.sensorNs / 1000;
  return stubPacket(info, sequence % static_cast<uint64_t>(gop) == 0, lostBefore, bytes);
}

std::optional<uint64_t> stubSequence(std::span<const uint8_t> data) {
  const auto found = std::search(data.begin(), data.end(), kMark.begin(), kMark.end());
  if (static_cast<size_t>(data.end() - found) < kMark.size() + kDigits) return std::nullopt;
  uint64_t sequence = 0;
  for (size_t i = 0; i < kDigits; ++i) {
    sequence = sequence * 10 + (found[static_cast<ptrdiff_t>(kMark.size() + i)] - '0');
  }
  return sequence;
}

std::vector<uint64_t> stubSequences(const std::string& path) {
  std::vector<uint64_t> sequences;
  for (const VideoFrame& frame : readVideo(path).frames) {
    sequences.push_back(stubSequence(frame.data).value_or(0));
  }
  return sequences;
}

StreamFormat stubFormat() {
  return {.size = {320, 180},
          .fps = 30,
          .pixelFormat = PixelFormat::Yuv420,
          .colourSpace = ColourSpace::Smpte170m,
          .preview = {}};
}

}  // namespace pimon
