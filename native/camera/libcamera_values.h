#pragma once

#include <libcamera/controls.h>

#include <optional>

#include "camera/control.h"

namespace pimon {

// A control of libcamera in the words of the seam; none where it is of a kind that the seam has no
// words for (strings, lists of rectangles).
std::optional<ControlInfo> describe(const libcamera::ControlId& id,
                                    const libcamera::ControlInfo& info);

// `value` must have passed checkControl() for what describe() says of the control.
libcamera::ControlValue encode(const libcamera::ControlId& id, const ControlValue& value);

// The other way round, for a value of the control's own type.
ControlValue decode(const libcamera::ControlId& id, const libcamera::ControlValue& value);

}  // namespace pimon
