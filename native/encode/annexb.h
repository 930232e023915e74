#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pimon {

// The SPS and PPS units of an Annex B picture (ITU-T H.264, annex B), with their start codes; empty
// where either is missing.
std::vector<uint8_t> parameterSets(std::span<const uint8_t> data);

enum class PictureKind : uint8_t { None, Key, Other };

// Of the first coded slice; None where there are only headers.
PictureKind pictureKind(std::span<const uint8_t> data);

// Whether it begins with a start code.
bool beginsUnit(std::span<const uint8_t> data);

// The types of units that are told apart here (table 7-1).
namespace unit {
inline constexpr uint8_t kSlice = 1;
inline constexpr uint8_t kIdrSlice = 5;
inline constexpr uint8_t kSps = 7;
inline constexpr uint8_t kPps = 8;
}  // namespace unit

// Walks over the units of Annex B data, without their start codes and padding.
class UnitReader {
 public:
  explicit UnitReader(std::span<const uint8_t> data);
  // None after the last; never an empty one.
  std::optional<std::span<const uint8_t>> next();

 private:
  std::span<const uint8_t> data_;
  size_t at_;  // of a start code, or the end
};

inline uint8_t unitType(std::span<const uint8_t> unit) { return unit[0] & 0x1f; }

}  // namespace pimon
