#include "encode/software_encoder.h"

namespace pimon {

EncoderChoice chooseEncoder(const EncoderSettings& settings) {
  if (settings.kind == "v4l2") {
    throw Error("encoder-unavailable",
                "This version has no V4L2 encoder: set encoder.kind to auto or software.",
                "encoder.kind");
  }
  return {.encoder = std::make_unique<SoftwareEncoder>(settings),
          .reason = settings.kind == "software" ? "asked for" : "the only encoder of this version"};
}

}  // namespace pimon
