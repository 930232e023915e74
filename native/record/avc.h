#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pimon {

// H.264 as MP4 and Matroska store it (ISO/IEC 14496-15): units with a length of four bytes in front
// instead of a start code, and the parameter sets apart from the pictures.

// The AVCDecoderConfigurationRecord of an Annex B keyframe; empty where it has not both parameter
// sets.
std::vector<uint8_t> avcConfiguration(std::span<const uint8_t> keyframe);

// Appends an Annex B picture without its parameter sets. Returns the bytes appended.
uint32_t appendAvcSample(std::span<const uint8_t> picture, std::vector<uint8_t>& to);

// Whether units fill the sample exactly and are what a picture is made of: a cheap look at its
// skeleton that a block of zeros or of another file does not pass.
bool isAvcSample(std::span<const uint8_t> sample);

}  // namespace pimon
