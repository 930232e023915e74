#include "support/av.h"

#include <array>

namespace pimon {

void quietAv() { av_log_set_level(AV_LOG_ERROR); }

std::string avMessage(const std::string& what, int error) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> words{};
  av_strerror(error, words.data(), words.size());
  return what + ": " + words.data();
}

}  // namespace pimon
