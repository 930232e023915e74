#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace pimon {

// The one error that crosses a seam. `code` is one of the stable codes of src/errors.ts; `field`
// names the setting at fault, or is empty.
class Error : public std::runtime_error {
 public:
  Error(std::string code, const std::string& message, std::string field = {})
      : std::runtime_error(message), code_(std::move(code)), field_(std::move(field)) {}

  const std::string& code() const { return code_; }
  const std::string& field() const { return field_; }

 private:
  std::string code_;
  std::string field_;
};

// `what` followed by the system's words for `errnum`.
std::string systemMessage(const std::string& what, int errnum);

}  // namespace pimon
