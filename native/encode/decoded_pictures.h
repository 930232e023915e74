#pragma once

#include <cstdint>
#include <string>

namespace pimon {

// How many pictures of an H.264 file (Annex B) decode without an error: the proof of an encoder.
// Throws disk-error where the file cannot be read.
uint64_t decodedPictures(const std::string& path);

}  // namespace pimon
