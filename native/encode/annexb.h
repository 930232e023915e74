#pragma once

#include <cstdint>
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

}  // namespace pimon
