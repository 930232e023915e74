#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pimon {

// Reads numbers, most significant byte first, out of bytes that cannot be trusted: past the end
// everything is 0, and ok() false.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> data) : data_(data) {}

  uint8_t u8() { return static_cast<uint8_t>(big(1)); }
  uint16_t u16() { return static_cast<uint16_t>(big(2)); }
  uint32_t u32() { return static_cast<uint32_t>(big(4)); }
  uint64_t u64() { return big(8); }
  uint64_t big(size_t width) {
    uint64_t value = 0;
    for (const uint8_t byte : take(width)) value = value << 8 | byte;
    return value;
  }
  // Empty where there are not so many.
  std::span<const uint8_t> take(size_t count) {
    ok_ = ok_ && count <= data_.size();
    if (!ok_) return {};
    const auto taken = data_.first(count);
    data_ = data_.subspan(count);
    return taken;
  }
  bool isNext(std::string_view text) {
    const auto found = take(text.size());
    return ok_ && std::equal(found.begin(), found.end(), text.begin(),
                             [](uint8_t a, char b) { return a == static_cast<uint8_t>(b); });
  }

  bool ok() const { return ok_; }
  size_t left() const { return data_.size(); }

 private:
  std::span<const uint8_t> data_;
  bool ok_ = true;
};

}  // namespace pimon
