#pragma once

#include <libcamera/controls.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

// What differs between the versions of libcamera that this is built against, 0.3.2 to 0.7. What
// can be asked of the camera at run time (has it this control?) is asked there, not here: vendors
// ship builds between versions.

namespace pimon {

// The names of a control's values, by value; empty where it is no enumeration.
const std::map<int32_t, std::string>& enumeratorsOf(const libcamera::ControlId& id);

// The number of elements of an array control, 0 for a single value. libcamera::dynamic_extent
// where it may be any.
size_t arrayLengthOf(const libcamera::ControlId& id);

}  // namespace pimon
