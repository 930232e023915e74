#include "record/avc.h"

#include "encode/annexb.h"
#include "record/byte_writer.h"

namespace pimon {

namespace {

constexpr size_t kLengthBytes = 4;
// Types above this are not H.264 pictures' (table 7-1 ends the defined ones at 21).
constexpr uint8_t kLastType = 21;

bool isParameterSet(uint8_t type) { return type == unit::kSps || type == unit::kPps; }

}  // namespace

std::vector<uint8_t> avcConfiguration(std::span<const uint8_t> keyframe) {
  std::span<const uint8_t> sps;
  std::span<const uint8_t> pps;
  UnitReader units(keyframe);
  while (const auto found = units.next()) {
    if (unitType(*found) == unit::kSps && sps.empty()) sps = *found;
    if (unitType(*found) == unit::kPps && pps.empty()) pps = *found;
    if (unitType(*found) <= unit::kIdrSlice) break;
  }
  if (sps.size() < 4 || pps.empty()) return {};
  ByteWriter record;
  record.u8(1);                     // version
  record.bytes(sps.subspan(1, 3));  // profile, compatibility, level
  record.u8(0xfc | (kLengthBytes - 1));
  record.u8(0xe0 | 1);  // one SPS
  record.u16(static_cast<uint16_t>(sps.size()));
  record.bytes(sps);
  record.u8(1);  // one PPS
  record.u16(static_cast<uint16_t>(pps.size()));
  record.bytes(pps);
  const uint8_t profile = sps[1];
  if (profile == 100 || profile == 110 || profile == 122 || profile == 144) {
    record.u8(0xfc | 1);  // 4:2:0
    record.u8(0xf8);      // 8 bits of luma
    record.u8(0xf8);      // 8 bits of chroma
    record.u8(0);         // no SPS extensions
  }
  return record.take();
}

uint32_t appendAvcSample(std::span<const uint8_t> picture, std::vector<uint8_t>& to) {
  const size_t before = to.size();
  UnitReader units(picture);
  while (const auto found = units.next()) {
    if (isParameterSet(unitType(*found))) continue;
    for (int shift = 24; shift >= 0; shift -= 8) {
      to.push_back(static_cast<uint8_t>(found->size() >> shift));
    }
    to.insert(to.end(), found->begin(), found->end());
  }
  return static_cast<uint32_t>(to.size() - before);
}

bool isAvcSample(std::span<const uint8_t> sample) {
  bool slice = false;
  while (!sample.empty()) {
    if (sample.size() <= kLengthBytes) return false;
    size_t length = 0;
    for (size_t i = 0; i < kLengthBytes; ++i) length = length << 8 | sample[i];
    const uint8_t header = sample[kLengthBytes];
    const uint8_t type = header & 0x1f;
    if (length == 0 || length > sample.size() - kLengthBytes) return false;
    if ((header & 0x80) != 0 || type == 0 || type > kLastType) return false;
    slice = slice || type <= unit::kIdrSlice;
    sample = sample.subspan(kLengthBytes + length);
  }
  return slice;
}

}  // namespace pimon
