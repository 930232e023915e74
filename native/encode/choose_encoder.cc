#include "encode/software_encoder.h"
#include "encode/v4l2_encoder.h"
#include "encode/v4l2_node.h"
#include "encode/v4l2_plan.h"

namespace pimon {

namespace {

constexpr const char* kNoDevice = "no bcm2835-codec device";

EncoderChoice software(const EncoderSettings& settings, const std::string& reason) {
  return {.encoder = std::make_unique<SoftwareEncoder>(settings), .reason = reason, .fallback = {}};
}

}  // namespace

EncoderChoice chooseEncoder(const EncoderSettings& settings, const StreamFormat& format) {
  if (settings.kind == "software") return software(settings, "asked for");
  const std::optional<EncoderNode> node = findEncoderNode();
  if (settings.kind == "v4l2") {
    if (!node) {
      throw Error(
          "encoder-unavailable",
          "This machine has no bcm2835-codec encoder (a Pi 5 has none, and a Pi 4 only with "
          "its own kernel): set the encoder to auto or software.",
          "encoder.kind");
    }
    return {.encoder = std::make_unique<V4l2Encoder>(node->path, settings),
            .reason = "asked for",
            .fallback = {}};
  }
  if (!node) return software(settings, kNoDevice);
  if (const auto reason = whyTooMuch(format)) return software(settings, *reason);
  return {.encoder = std::make_unique<V4l2Encoder>(node->path, settings),
          .reason = node->card + " at " + node->path,
          .fallback = std::make_unique<SoftwareEncoder>(settings)};
}

}  // namespace pimon
