#include "support/error.h"

#include <system_error>

namespace pimon {

std::string systemMessage(const std::string& what, int errnum) {
  return what + ": " + std::generic_category().message(errnum);
}

}  // namespace pimon
