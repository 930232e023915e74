#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pimon {

enum class ControlType : uint8_t { Boolean, Integer, Number, Choice, Numbers };

// Integer and Number hold a double, Choice a string, Numbers a list (a rectangle, two gains).
using ControlValue = std::variant<bool, double, std::string, std::vector<double>>;
using ControlValues = std::map<std::string, ControlValue>;

// One thing the camera can be told while it runs. `id` is libcamera's name ("ExposureTime").
struct ControlInfo {
  std::string id;
  ControlType type = ControlType::Number;
  std::optional<double> min;  // for Numbers: of each element
  std::optional<double> max;
  std::optional<size_t> length;      // of Numbers
  std::vector<std::string> choices;  // of Choice
  ControlValue defaultValue;
  ControlValue value;  // as last set, else the default
  std::string unit;    // "µs", "×", … or empty
};

}  // namespace pimon
