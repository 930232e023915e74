#include <algorithm>

#include "encode/software_encoder.h"
#include "encode/v4l2_encoder.h"
#include "encode/v4l2_node.h"
#include "encode/v4l2_plan.h"

namespace pimon {

namespace {

constexpr const char* kNoDevice = "no bcm2835-codec device";

// A hardware encoder is quick enough to need no more, and a Pi that has one has little of the
// contiguous memory that it reads from.
constexpr int kFewBuffers = 6;
constexpr int kOthersBuffers = 2;
// Pictures for the software encoder may lie anywhere. Half a second of them is longer than other
// programs keep the processor from it.
constexpr double kBusyMomentS = 0.5;
constexpr int kMostBuffers = 16;
constexpr int kMostBytes = 64 << 20;

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

int cameraBuffers(const SourceConfig& config) {
  if (findEncoderNode()) return kFewBuffers;
  const int inTime = static_cast<int>(config.fps * kBusyMomentS) + kOthersBuffers;
  const int inMemory = kMostBytes / std::max(1, config.size.width * config.size.height * 3 / 2);
  return std::clamp(std::min(inTime, inMemory), kFewBuffers, kMostBuffers);
}

int framesToHold(const StreamFormat& format) {
  return std::max(1, format.buffers - kOthersBuffers);
}

}  // namespace pimon
