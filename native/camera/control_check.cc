#include "camera/control_check.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "support/error.h"

namespace pimon {

namespace {

bool inRange(const ControlInfo& control, double number) {
  return std::isfinite(number) && (!control.min || number >= *control.min) &&
         (!control.max || number <= *control.max);
}

void writeRange(std::ostream& out, const ControlInfo& control) {
  if (control.min) out << " from " << *control.min;
  if (control.max) out << (control.min ? " to " : " up to ") << *control.max;
  if (!control.unit.empty()) out << " " << control.unit;
}

std::string whatIsTaken(const ControlInfo& control) {
  std::ostringstream out;
  out.precision(10);
  out << control.id;
  switch (control.type) {
    case ControlType::Boolean:
      out << " is true or false";
      break;
    case ControlType::Integer:
      out << " takes a whole number";
      writeRange(out, control);
      break;
    case ControlType::Number:
      out << " takes a number";
      writeRange(out, control);
      break;
    case ControlType::Choice:
      out << " is one of";
      for (size_t i = 0; i < control.choices.size(); ++i) {
        out << (i == 0 ? " " : ", ") << control.choices[i];
      }
      break;
    case ControlType::Numbers:
      out << " takes ";
      if (control.length) out << *control.length << " ";
      out << "numbers";
      writeRange(out, control);
      break;
  }
  out << ".";
  return out.str();
}

}  // namespace

bool takes(const ControlInfo& control, const ControlValue& value) {
  const auto* number = std::get_if<double>(&value);
  const auto* choice = std::get_if<std::string>(&value);
  const auto* numbers = std::get_if<std::vector<double>>(&value);
  switch (control.type) {
    case ControlType::Boolean:
      return std::holds_alternative<bool>(value);
    case ControlType::Integer:
      return number != nullptr && inRange(control, *number) && std::trunc(*number) == *number;
    case ControlType::Number:
      return number != nullptr && inRange(control, *number);
    case ControlType::Choice:
      return choice != nullptr && std::find(control.choices.begin(), control.choices.end(),
                                            *choice) != control.choices.end();
    case ControlType::Numbers:
      return numbers != nullptr && (!control.length || numbers->size() == *control.length) &&
             std::all_of(numbers->begin(), numbers->end(),
                         [&](double element) { return inRange(control, element); });
  }
  return false;
}

void checkControl(const ControlInfo& control, const ControlValue& value) {
  if (takes(control, value)) return;
  throw Error("invalid-value", whatIsTaken(control), "controls." + control.id);
}

}  // namespace pimon
