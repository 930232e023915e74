#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace pimon {

// Bytes that grow, most significant first: as MP4 and Matroska want their numbers.
class ByteWriter {
 public:
  void u8(uint8_t value) { bytes_.push_back(value); }
  void u16(uint16_t value) { big(value, 2); }
  void u32(uint32_t value) { big(value, 4); }
  void u64(uint64_t value) { big(value, 8); }
  // The low `width` bytes.
  void big(uint64_t value, int width) {
    for (int i = width - 1; i >= 0; --i) u8(static_cast<uint8_t>(value >> (8 * i)));
  }
  void text(std::string_view text) { copy(text); }
  void bytes(std::span<const uint8_t> data) { copy(data); }
  void zeros(size_t count) { bytes_.resize(bytes_.size() + count); }

  // Over what stands at `at`.
  void setU32(size_t at, uint32_t value) {
    for (size_t i = 0; i < 4; ++i) bytes_[at + i] = static_cast<uint8_t>(value >> (8 * (3 - i)));
  }

  size_t size() const { return bytes_.size(); }
  std::span<const uint8_t> view() const { return bytes_; }
  std::vector<uint8_t> take() { return std::exchange(bytes_, {}); }

 private:
  template <class Data>
  void copy(const Data& data) {
    bytes_.resize(bytes_.size() + data.size());
    std::copy(data.begin(), data.end(), bytes_.end() - static_cast<ptrdiff_t>(data.size()));
  }

  std::vector<uint8_t> bytes_;
};

}  // namespace pimon
