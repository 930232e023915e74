#include "camera/frame_source.h"

namespace pimon {

void FrameSource::inject(const Fault& /*fault*/) {
  throw Error("invalid-value", "Only the synthetic camera takes faults.", "fault");
}

}  // namespace pimon
