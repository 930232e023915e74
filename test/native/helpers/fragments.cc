#include "helpers/fragments.h"

#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string_view>

namespace pimon {

namespace {

using Bytes = std::span<const uint8_t>;

uint64_t number(Bytes bytes, size_t at, size_t length) {
  uint64_t value = 0;
  for (const uint8_t byte : bytes.subspan(at, length)) value = value << 8 | byte;
  return value;
}

// Calls with the name, the place and the content of every box that is whole.
void eachBox(Bytes bytes, const std::function<void(std::string_view, size_t, Bytes)>& visit) {
  constexpr size_t kHeader = 8;
  for (size_t at = 0; at + kHeader <= bytes.size();) {
    const uint64_t size = number(bytes, at, 4);
    if (size < kHeader || size > bytes.size() - at) return;
    const std::string_view name(reinterpret_cast<const char*>(&bytes[at + 4]), 4);
    visit(name, at, bytes.subspan(at + kHeader, size - kHeader));
    at += size;
  }
}

// Sample flags (8.8.3.1): this bit says that a sample is no sync sample.
constexpr uint64_t kNonSync = 0x0001'0000;

void readTrackFragment(Bytes content, Fragment& fragment) {
  uint64_t duration = 0;
  uint64_t bytes = 0;
  uint64_t flags = 0;
  eachBox(content, [&](std::string_view name, size_t, Bytes box) {
    const uint64_t fields = number(box, 1, 3);
    size_t at = 4;
    const auto take = [&](uint64_t field, uint64_t& value, size_t length = 4) {
      if ((fields & field) == 0) return;
      value = number(box, at, length);
      at += length;
    };
    uint64_t ignored = 0;
    if (name == "tfhd") {
      at += 4;  // the track
      take(0x01, ignored, 8);
      take(0x02, ignored);
      take(0x08, duration);
      take(0x10, bytes);
      take(0x20, flags);
    } else if (name == "tfdt") {
      fragment.decodeTime = number(box, 4, box[0] == 1 ? 8 : 4);
    } else if (name == "trun") {
      const uint64_t count = number(box, at, 4);
      at += 4;
      take(0x01, ignored);
      uint64_t firstFlags = flags;
      take(0x04, firstFlags);
      for (uint64_t i = 0; i < count; ++i) {
        uint64_t own = i == 0 ? firstFlags : flags;
        take(0x100, duration);
        take(0x200, bytes);
        take(0x400, own);
        take(0x800, ignored);
        fragment.samples.push_back({.duration = static_cast<uint32_t>(duration),
                                    .bytes = static_cast<uint32_t>(bytes),
                                    .sync = (own & kNonSync) == 0});
      }
    }
  });
}

}  // namespace

std::vector<Fragment> readFragments(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<Fragment> fragments;
  eachBox(bytes, [&](std::string_view name, size_t at, Bytes content) {
    if (name != "moof") return;
    Fragment fragment{.begin = at, .headerEnd = at + 8 + content.size(), .samples = {}};
    eachBox(content, [&](std::string_view inner, size_t, Bytes box) {
      if (inner == "traf") readTrackFragment(box, fragment);
    });
    fragments.push_back(std::move(fragment));
  });
  return fragments;
}

}  // namespace pimon
