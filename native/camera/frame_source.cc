#include "camera/frame_source.h"

namespace pimon {

void FrameSource::inject(const Fault& /*fault*/) {
  throw Error("invalid-value", "Only the synthetic camera takes faults.", "fault");
}

Error syncRefused() {
  return {"invalid-value",
          "This camera cannot keep time with others: its libcamera has no SyncMode. Set it to off.",
          "camera.sync"};
}

}  // namespace pimon
