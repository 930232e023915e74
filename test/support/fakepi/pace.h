#pragma once

#include <chrono>
#include <cstdint>

namespace fakepi {

// There is one coding block in the chip, which all opens share in turn. Books the time that so
// many macroblocks take at 245 760 a second, and says when they will be done.
std::chrono::steady_clock::time_point bookBlock(int64_t macroblocks);

}  // namespace fakepi
