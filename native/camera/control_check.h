#pragma once

#include "camera/control.h"

namespace pimon {

// Whether `control` can be set to `value`.
bool takes(const ControlInfo& control, const ControlValue& value);

// Throws invalid-value, with a sentence that says what the control takes and the field
// "controls.<id>", unless the control takes `value`.
void checkControl(const ControlInfo& control, const ControlValue& value);

}  // namespace pimon
