#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

#include "record/byte_writer.h"

// EBML (RFC 8794) elements as Matroska uses them; ids are with their length marker.
namespace pimon::ebml {

inline int idBytes(uint32_t id) { return (static_cast<int>(std::bit_width(id)) + 7) / 8; }

inline void id(ByteWriter& out, uint32_t id) { out.big(id, idBytes(id)); }

// A size of eight bytes, so that it can be written before it is known.
inline void size8(ByteWriter& out, uint64_t size) { out.u64(uint64_t{1} << 56 | size); }
// "Unknown": the element reaches to the end of the file.
inline constexpr uint64_t kUnknown = (uint64_t{1} << 56) - 1;
inline constexpr int kSizeBytes = 8;

inline void number(ByteWriter& out, uint32_t element, uint64_t value) {
  const int bytes = std::max(1, (static_cast<int>(std::bit_width(value)) + 7) / 8);
  id(out, element);
  out.u8(static_cast<uint8_t>(0x80 | bytes));
  out.big(value, bytes);
}

inline void text(ByteWriter& out, uint32_t element, std::string_view value) {
  id(out, element);
  out.u8(static_cast<uint8_t>(0x80 | value.size()));  // shorter than 127
  out.text(value);
}

inline void real(ByteWriter& out, uint32_t element, double value) {
  id(out, element);
  out.u8(0x88);
  out.u64(std::bit_cast<uint64_t>(value));
}

// Nothing, over exactly `bytes` of the file: at least 2, at most 128.
inline void empty(ByteWriter& out, size_t bytes) {
  out.u8(0xec);
  out.u8(static_cast<uint8_t>(0x80 | (bytes - 2)));
  out.zeros(bytes - 2);
}

// An element with others in it: its size is filled in when it dies.
class Master {
 public:
  Master(ByteWriter& out, uint32_t element) : out_(out), start_(begin(out, element)) {}
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;
  ~Master() {
    const uint64_t size = out_.size() - start_;
    out_.setU32(start_ - 8, uint32_t{1} << 24 | static_cast<uint32_t>(size >> 32));
    out_.setU32(start_ - 4, static_cast<uint32_t>(size));
  }

 private:
  static size_t begin(ByteWriter& out, uint32_t element) {
    id(out, element);
    size8(out, 0);
    return out.size();
  }

  ByteWriter& out_;
  size_t start_;
};

}  // namespace pimon::ebml
