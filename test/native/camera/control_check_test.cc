#include "camera/control_check.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/error.h"

namespace pimon {

namespace {

using Numbers = std::vector<double>;

// The error's words, or nothing where the value is taken.
std::string refusal(const ControlInfo& control, const ControlValue& value) {
  try {
    checkControl(control, value);
    return {};
  } catch (const Error& error) {
    CHECK(error.code() == "invalid-value");
    CHECK(error.field() == "controls." + control.id);
    return error.what();
  }
}

}  // namespace

TEST_SUITE("values of controls") {
  TEST_CASE("a switch is true or false") {
    const ControlInfo control{.id = "AwbEnable", .type = ControlType::Boolean};
    CHECK(refusal(control, true).empty());
    CHECK(refusal(control, 1.0) == "AwbEnable is true or false.");
  }

  TEST_CASE("a whole number lies in its range and has no fraction") {
    const ControlInfo control{
        .id = "ExposureTime", .type = ControlType::Integer, .min = 10, .max = 20'000, .unit = "µs"};
    CHECK(refusal(control, 10.0).empty());
    CHECK(refusal(control, 20'000.0).empty());
    const std::string words = "ExposureTime takes a whole number from 10 to 20000 µs.";
    CHECK(refusal(control, 9.0) == words);
    CHECK(refusal(control, 20'001.0) == words);
    CHECK(refusal(control, 10.5) == words);
    CHECK(refusal(control, std::string("10")) == words);
    CHECK(refusal(control, true) == words);
  }

  TEST_CASE("a number is finite") {
    const ControlInfo control{.id = "Gain", .type = ControlType::Number, .min = 1};
    CHECK(refusal(control, 1.5).empty());
    CHECK(refusal(control, 1e9).empty());
    for (const double bad : {0.5, double{NAN}, double{INFINITY}}) {
      CHECK(refusal(control, bad) == "Gain takes a number from 1.");
    }
  }

  TEST_CASE("a choice is one of those there are") {
    const ControlInfo control{
        .id = "AfMode", .type = ControlType::Choice, .choices = {"Manual", "Auto"}};
    CHECK(refusal(control, std::string("Auto")).empty());
    CHECK(refusal(control, std::string("auto")) == "AfMode is one of Manual, Auto.");
    CHECK(refusal(control, 1.0) == "AfMode is one of Manual, Auto.");
  }

  TEST_CASE("a list has its length, and each number lies in the range") {
    const ControlInfo control{
        .id = "ColourGains", .type = ControlType::Numbers, .min = 0, .max = 32, .length = 2};
    CHECK(refusal(control, Numbers{1, 2}).empty());
    const std::string words = "ColourGains takes 2 numbers from 0 to 32.";
    CHECK(refusal(control, Numbers{1}) == words);
    CHECK(refusal(control, Numbers{1, 2, 3}) == words);
    CHECK(refusal(control, Numbers{1, 33}) == words);
    CHECK(refusal(control, 1.0) == words);
  }
}

}  // namespace pimon
