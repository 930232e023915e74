#include "encode/annexb.h"

#include <algorithm>
#include <cstddef>

namespace pimon {

namespace {

constexpr uint8_t kFirstSlice = 1;
constexpr uint8_t kIdrSlice = 5;
constexpr uint8_t kSps = 7;
constexpr uint8_t kPps = 8;
constexpr size_t kStartCode = 3;  // 00 00 01; a fourth zero before it is padding

// The place of the next start code at or after `from`, or the end.
size_t nextStartCode(std::span<const uint8_t> data, size_t from) {
  for (size_t i = from; i + kStartCode <= data.size(); ++i) {
    if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1) return i;
  }
  return data.size();
}

uint8_t typeAt(std::span<const uint8_t> data, size_t startCode) {
  return data[startCode + kStartCode] & 0x1f;
}

bool isSlice(uint8_t type) { return type >= kFirstSlice && type <= kIdrSlice; }

}  // namespace

std::vector<uint8_t> parameterSets(std::span<const uint8_t> data) {
  std::vector<uint8_t> sets;
  bool sps = false;
  bool pps = false;
  size_t at = nextStartCode(data, 0);
  while (at + kStartCode < data.size()) {
    const uint8_t type = typeAt(data, at);
    // Pictures come after their parameter sets, and are long: do not search them.
    if (isSlice(type)) break;
    const size_t next = nextStartCode(data, at + kStartCode);
    if (type == kSps || type == kPps) {
      (type == kSps ? sps : pps) = true;
      size_t end = next;
      while (data[end - 1] == 0) --end;  // no unit ends so: it belongs to the next start code
      sets.push_back(0);
      sets.insert(sets.end(), data.begin() + static_cast<ptrdiff_t>(at),
                  data.begin() + static_cast<ptrdiff_t>(end));
    }
    at = next;
  }
  if (!sps || !pps) sets.clear();
  return sets;
}

PictureKind pictureKind(std::span<const uint8_t> data) {
  for (size_t at = nextStartCode(data, 0); at + kStartCode < data.size();
       at = nextStartCode(data, at + kStartCode)) {
    const uint8_t type = typeAt(data, at);
    if (isSlice(type)) return type == kIdrSlice ? PictureKind::Key : PictureKind::Other;
  }
  return PictureKind::None;
}

bool beginsUnit(std::span<const uint8_t> data) {
  const size_t at = nextStartCode(data.first(std::min<size_t>(data.size(), kStartCode + 1)), 0);
  return at <= 1 && at + kStartCode <= data.size() && data[0] == 0;
}

}  // namespace pimon
