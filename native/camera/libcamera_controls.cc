#include "camera/libcamera_controls.h"

#include <libcamera/control_ids.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "camera/control_check.h"
#include "camera/libcamera_values.h"
#include "camera/libcamera_versions.h"
#include "support/error.h"

namespace pimon {

namespace {

// Found by its name, because it came with 0.5 to some builds and vendors have shipped it before.
constexpr std::string_view kSyncMode = "SyncMode";
// Not for a person to set: the rate is the source's, keeping time with others the configuration's,
// the rest only adds metadata nobody reads.
constexpr std::array<std::string_view, 6> kHidden{
    "FrameDurationLimits", "StatsOutputEnable", "CnnEnableInputTensor",
    "DebugMetadataEnable", kSyncMode,           "SyncFrames"};
// Done once when set, not a state that a new start should bring about again.
constexpr std::array<std::string_view, 2> kMomentary{"AfTrigger", "AfPause"};

template <size_t N>
bool contains(const std::array<std::string_view, N>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

using Entry = libcamera::ControlInfoMap::const_iterator;

Entry findByName(const libcamera::ControlInfoMap& offered, std::string_view name) {
  return std::find_if(offered.begin(), offered.end(),
                      [&](const auto& entry) { return entry.first->name() == name; });
}

std::optional<ControlInfo> shown(const Entry& entry) {
  if (contains(kHidden, entry->first->name())) return std::nullopt;
  return describe(*entry->first, entry->second);
}

// Sets the control to the enumerator of that name unless the list sets it already.
void addMode(libcamera::ControlList& list, const Entry& mode, const std::string& enumerator) {
  if (!list.contains(mode->first->id())) {
    list.set(mode->first->id(), encode(*mode->first, enumerator));
  }
}

// Makes exposure (or gain) act as a person means it, whatever the libcamera. From 0.5 on a value
// counts only in the manual mode of a control of its own, and AeEnable is short for both modes.
// Up to 0.4 a value above 0 is manual by itself, and 0 gives it back to the automatic.
void completeExposure(libcamera::ControlList& list, const libcamera::ControlInfoMap& offered,
                      const std::string& valueName) {
  const auto value = findByName(offered, valueName);
  const auto mode = findByName(offered, valueName + "Mode");
  const auto automatic = list.get(libcamera::controls::AeEnable);
  const bool hasValue = value != offered.end() && list.contains(value->first->id());
  if (mode != offered.end()) {
    if (hasValue) addMode(list, mode, valueName + "ModeManual");
    if (automatic) addMode(list, mode, valueName + (*automatic ? "ModeAuto" : "ModeManual"));
  } else if (automatic && *automatic && value != offered.end() && !hasValue) {
    list.set(value->first->id(), encode(*value->first, 0.0));
  }
}

void overwrite(libcamera::ControlList& target, const libcamera::ControlList& source) {
  for (const auto& [id, value] : source) target.set(id, value);
}

}  // namespace

void LibcameraControls::offer(const libcamera::ControlInfoMap& offered) {
  const std::lock_guard lock(mutex_);
  offered_ = offered;
}

std::vector<ControlInfo> LibcameraControls::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<ControlInfo> controls;
  for (auto entry = offered_.begin(); entry != offered_.end(); ++entry) {
    std::optional<ControlInfo> control = shown(entry);
    if (!control) continue;
    const unsigned id = entry->first->id();
    if (set_.contains(id)) {
      // What was set for another mode of the sensor, or means "automatic", may be out of range.
      const ControlValue value = decode(*entry->first, set_.get(id));
      if (takes(*control, value)) control->value = value;
    }
    controls.push_back(std::move(*control));
  }
  std::sort(controls.begin(), controls.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return controls;
}

void LibcameraControls::set(const ControlValues& values) {
  const std::lock_guard lock(mutex_);
  libcamera::ControlList list(libcamera::controls::controls);
  for (const auto& [name, value] : values) {
    const auto entry = findByName(offered_, name);
    const auto control = entry == offered_.end() ? std::nullopt : shown(entry);
    if (!control) {
      throw Error("invalid-value", "The camera has no control " + name + ".", "controls." + name);
    }
    checkControl(*control, value);
    list.set(entry->first->id(), encode(*entry->first, value));
  }
  completeExposure(list, offered_, "ExposureTime");
  completeExposure(list, offered_, "AnalogueGain");

  overwrite(new_, list);
  for (const auto& [id, value] : list) {
    if (!contains(kMomentary, offered_.find(id)->first->name())) set_.set(id, value);
  }
}

void LibcameraControls::setSync(CameraSync sync) {
  const std::lock_guard lock(mutex_);
  const auto mode = findByName(offered_, kSyncMode);
  if (mode != offered_.end()) {
    // libcamera's numbers: 0 off, 1 server, 2 client (control_ids_rpi.yaml).
    set_.set(mode->first->id(), static_cast<int32_t>(sync));
  } else if (sync != CameraSync::Off) {
    throw syncRefused();
  }
}

libcamera::ControlList LibcameraControls::takeAll() {
  const std::lock_guard lock(mutex_);
  new_.clear();
  return set_;
}

void LibcameraControls::takeNew(libcamera::ControlList& request) {
  const std::lock_guard lock(mutex_);
  overwrite(request, new_);
  new_.clear();
}

}  // namespace pimon
