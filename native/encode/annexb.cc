#include "encode/annexb.h"

#include <algorithm>
#include <cstddef>

namespace pimon {

namespace {

using unit::kIdrSlice;
using unit::kPps;
using unit::kSps;

constexpr size_t kStartCode = 3;  // 00 00 01; a fourth zero before it is padding

// The place of the next start code at or after `from`, or the end.
size_t nextStartCode(std::span<const uint8_t> data, size_t from) {
  size_t i = from;
  while (i + kStartCode <= data.size()) {
    // A byte above 1 can be no part of a start code: most of a picture is skipped in threes.
    if (data[i + 2] > 1) {
      i += kStartCode;
    } else if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1) {
      return i;
    } else {
      ++i;
    }
  }
  return data.size();
}

uint8_t typeAt(std::span<const uint8_t> data, size_t startCode) {
  return data[startCode + kStartCode] & 0x1f;
}

bool isSlice(uint8_t type) { return type >= unit::kSlice && type <= kIdrSlice; }

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

UnitReader::UnitReader(std::span<const uint8_t> data) : data_(data), at_(nextStartCode(data, 0)) {}

std::optional<std::span<const uint8_t>> UnitReader::next() {
  while (at_ < data_.size()) {
    const size_t begin = at_ + kStartCode;
    at_ = nextStartCode(data_, begin);
    size_t end = at_;
    // A unit never ends in 0: zeros there belong to the next start code or are padding.
    while (end > begin && data_[end - 1] == 0) --end;
    if (end > begin) return data_.subspan(begin, end - begin);
  }
  return std::nullopt;
}

}  // namespace pimon
