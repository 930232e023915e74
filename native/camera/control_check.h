#pragma once

#include "camera/control.h"

namespace pimon {

// Throws invalid-value, with a sentence that says what the control takes and the field
// "controls.<id>", unless `value` is something that `control` can be set to.
void checkControl(const ControlInfo& control, const ControlValue& value);

}  // namespace pimon
