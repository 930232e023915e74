#pragma once

#include <libcamera/control_ids.h>
#include <libcamera/controls.h>

#include <mutex>
#include <vector>

#include "camera/control.h"
#include "camera/frame_source.h"

namespace pimon {

// The controls of one camera: what it offers, what was set, and what it has not been told yet.
// Any thread.
class LibcameraControls {
 public:
  // What the camera offers from now on; its ranges change when it is configured. What was set
  // before stays set.
  void offer(const libcamera::ControlInfoMap& offered);

  std::vector<ControlInfo> list() const;
  // All or none; throws invalid-value.
  void set(const ControlValues& values);

  // Whether it keeps time with other cameras from its next start on: Raspberry Pi's SyncMode, which
  // has not run on hardware here. Throws invalid-value where the camera does not offer it.
  void setSync(CameraSync sync);

  // Everything set so far, for a camera that starts.
  libcamera::ControlList takeAll();
  // Adds what was set since the last call to the controls of a request.
  void takeNew(libcamera::ControlList& request);

 private:
  mutable std::mutex mutex_;
  libcamera::ControlInfoMap offered_;
  libcamera::ControlList set_{libcamera::controls::controls};  // for the next start and to show
  libcamera::ControlList new_{libcamera::controls::controls};  // for the next request
};

}  // namespace pimon
