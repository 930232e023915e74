#include "camera/libcamera_values.h"

#include <libcamera/geometry.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <locale>
#include <sstream>
#include <string>
#include <vector>

#include "camera/libcamera_versions.h"

namespace pimon {

namespace {

using libcamera::Rectangle;

// 0.1f as 0.1: the shortest decimal that is the same float again, as a person would write it.
double decimal(float value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  for (int digits = 6; digits <= 9; ++digits) {
    text.str({});
    text.precision(digits);
    text << value;
    if (std::strtof(text.str().c_str(), nullptr) == value) break;
  }
  return std::strtod(text.str().c_str(), nullptr);
}

template <class T>
std::vector<T> elementsOf(const libcamera::ControlValue& value) {
  std::vector<T> elements(value.numElements());
  std::memcpy(elements.data(), value.data().data(), elements.size() * sizeof(T));
  return elements;
}

// Every number in a value, in order; a rectangle is x, y, width, height.
std::vector<double> numbersOf(const libcamera::ControlValue& value) {
  std::vector<double> numbers;
  switch (value.type()) {
    case libcamera::ControlTypeBool:
    case libcamera::ControlTypeByte:
      for (const uint8_t element : elementsOf<uint8_t>(value)) numbers.push_back(element);
      break;
    case libcamera::ControlTypeInteger32:
      for (const int32_t element : elementsOf<int32_t>(value)) numbers.push_back(element);
      break;
    case libcamera::ControlTypeInteger64:
      for (const int64_t element : elementsOf<int64_t>(value)) {
        numbers.push_back(static_cast<double>(element));
      }
      break;
    case libcamera::ControlTypeFloat:
      for (const float element : elementsOf<float>(value)) numbers.push_back(decimal(element));
      break;
    case libcamera::ControlTypeRectangle:
      for (const Rectangle& r : elementsOf<Rectangle>(value)) {
        for (const double n : {double(r.x), double(r.y), double(r.width), double(r.height)}) {
          numbers.push_back(n);
        }
      }
      break;
    default:
      break;
  }
  return numbers;
}

std::optional<double> firstOf(const std::vector<double>& numbers) {
  return numbers.empty() ? std::nullopt : std::optional(numbers.front());
}

bool isNumeric(libcamera::ControlType type) {
  return type == libcamera::ControlTypeByte || type == libcamera::ControlTypeInteger32 ||
         type == libcamera::ControlTypeInteger64 || type == libcamera::ControlTypeFloat;
}

// How the control is shown, or none where it cannot be.
std::optional<ControlType> kindOf(const libcamera::ControlId& id) {
  const size_t length = arrayLengthOf(id);
  if (length == libcamera::dynamic_extent) return std::nullopt;
  if (id.type() == libcamera::ControlTypeRectangle && length == 0) return ControlType::Numbers;
  if (length > 0) {
    return isNumeric(id.type()) ? std::optional(ControlType::Numbers) : std::nullopt;
  }
  if (id.type() == libcamera::ControlTypeBool) return ControlType::Boolean;
  if (id.type() == libcamera::ControlTypeFloat) return ControlType::Number;
  if (!isNumeric(id.type())) return std::nullopt;
  return enumeratorsOf(id).empty() ? ControlType::Integer : ControlType::Choice;
}

// libcamera gives the values in use as a list, or only their first and last.
std::vector<std::string> choicesOf(const libcamera::ControlId& id,
                                   const libcamera::ControlInfo& info) {
  std::vector<int32_t> offered;
  for (const auto& value : info.values()) offered.push_back(value.get<int32_t>());
  const double least = firstOf(numbersOf(info.min())).value_or(INT32_MIN);
  const double most = firstOf(numbersOf(info.max())).value_or(INT32_MAX);

  std::vector<std::string> choices;
  for (const auto& [number, name] : enumeratorsOf(id)) {
    const bool isOffered = offered.empty()
                               ? number >= least && number <= most
                               : std::find(offered.begin(), offered.end(), number) != offered.end();
    if (isOffered) choices.push_back(name);
  }
  return choices;
}

std::string unitOf(const std::string& id) {
  if (id == "ExposureTime" || id == "AeFlickerPeriod") return "µs";
  if (id == "AnalogueGain" || id == "DigitalGain" || id == "ColourGains") return "×";
  if (id == "ExposureValue") return "EV";
  if (id == "ColourTemperature") return "K";
  if (id == "LensPosition") return "dioptres";
  if (id == "ScalerCrop") return "pixels";
  return {};
}

// Some controls come without a default. A switch is then on, as automatic white balance is;
// anything else stands at its least.
ControlValue defaultOf(const libcamera::ControlId& id, const libcamera::ControlInfo& info,
                       const ControlInfo& described) {
  if (described.type == ControlType::Numbers) {
    std::vector<double> numbers = numbersOf(info.def());
    numbers.resize(*described.length, firstOf(numbers).value_or(described.min.value_or(0)));
    return numbers;
  }
  if (!info.def().isNone()) return decode(id, info.def());
  if (described.type == ControlType::Boolean) return true;
  if (described.type == ControlType::Choice) return described.choices.front();
  return described.min.value_or(0);
}

template <class T>
libcamera::ControlValue encodeNumbers(const ControlValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return static_cast<T>(*number);
  std::vector<T> elements;
  for (const double n : std::get<std::vector<double>>(value)) {
    elements.push_back(static_cast<T>(n));
  }
  return libcamera::Span<const T>(elements);
}

}  // namespace

std::optional<ControlInfo> describe(const libcamera::ControlId& id,
                                    const libcamera::ControlInfo& info) {
  const std::optional<ControlType> kind = kindOf(id);
  if (!kind) return std::nullopt;
  ControlInfo control;
  control.id = id.name();
  control.type = *kind;
  control.unit = unitOf(control.id);
  if (*kind == ControlType::Choice) {
    control.choices = choicesOf(id, info);
    if (control.choices.empty()) return std::nullopt;
  } else if (id.type() == libcamera::ControlTypeRectangle) {
    // The one range for all four numbers that takes every rectangle inside the largest.
    const std::vector<double> largest = numbersOf(info.max());
    control.length = 4;
    control.min = 0;
    if (largest.size() == 4)
      control.max = std::max(largest[0] + largest[2], largest[1] + largest[3]);
  } else if (*kind != ControlType::Boolean) {
    if (*kind == ControlType::Numbers) control.length = arrayLengthOf(id);
    control.min = firstOf(numbersOf(info.min()));
    control.max = firstOf(numbersOf(info.max()));
  }
  control.defaultValue = defaultOf(id, info, control);
  control.value = control.defaultValue;
  return control;
}

libcamera::ControlValue encode(const libcamera::ControlId& id, const ControlValue& value) {
  if (const auto* choice = std::get_if<std::string>(&value)) {
    const auto& names = enumeratorsOf(id);
    const auto entry = std::find_if(names.begin(), names.end(),
                                    [&](const auto& name) { return name.second == *choice; });
    return entry->first;
  }
  if (const auto* on = std::get_if<bool>(&value)) return *on;
  switch (id.type()) {
    case libcamera::ControlTypeByte:
      return encodeNumbers<uint8_t>(value);
    case libcamera::ControlTypeInteger32:
      return encodeNumbers<int32_t>(value);
    case libcamera::ControlTypeInteger64:
      return encodeNumbers<int64_t>(value);
    case libcamera::ControlTypeRectangle: {
      const auto& n = std::get<std::vector<double>>(value);
      return Rectangle(static_cast<int>(n[0]), static_cast<int>(n[1]),
                       {static_cast<unsigned>(n[2]), static_cast<unsigned>(n[3])});
    }
    default:
      return encodeNumbers<float>(value);
  }
}

ControlValue decode(const libcamera::ControlId& id, const libcamera::ControlValue& value) {
  const std::vector<double> numbers = numbersOf(value);
  switch (kindOf(id).value_or(ControlType::Numbers)) {
    case ControlType::Boolean:
      return numbers.front() != 0;
    case ControlType::Choice: {
      const auto name = enumeratorsOf(id).find(static_cast<int32_t>(numbers.front()));
      return name == enumeratorsOf(id).end() ? std::string() : name->second;
    }
    case ControlType::Numbers:
      return numbers;
    default:
      return numbers.front();
  }
}

}  // namespace pimon
