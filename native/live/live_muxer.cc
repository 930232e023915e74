#include "live/live_muxer.h"

#include <array>
#include <cmath>
#include <utility>

#include "record/avc.h"
#include "record/mp4_boxes.h"
#include "record/mp4_fragment.h"

namespace pimon {

const char* name(VideoClass videoClass) {
  return videoClass == VideoClass::Small ? "small" : "full";
}

std::vector<LiveMessage> LiveMuxer::add(const Packet& packet) {
  std::vector<LiveMessage> messages;
  if (packet.key) {
    std::vector<uint8_t> configuration = avcConfiguration(packet.data);
    if (!configuration.empty() && configuration != configuration_) {
      configuration_ = std::move(configuration);
      messages.push_back(init(packet));
    }
  }
  if (!configuration_.empty()) messages.push_back(fragment(packet));
  return messages;
}

LiveMessage LiveMuxer::init(const Packet& keyframe) const {
  ByteWriter out;
  writeFileType(out);
  writeFragmentedMovie(out, mp4Track(format_, keyframe.info.wallUs, configuration_));
  return {.videoClass = videoClass_,
          .type = MessageType::Mp4Init,
          .key = false,
          .bytes = previewMessage(MessageType::Mp4Init, false, keyframe.info, out.take())};
}

LiveMessage LiveMuxer::fragment(const Packet& packet) {
  std::vector<uint8_t> sample;
  sample.reserve(packet.data.size());
  const uint32_t bytes = appendAvcSample(packet.data, sample);
  const int64_t ptsUs = packet.info.sensorNs / 1000;
  const std::array<FragmentFrame, 1> frame{{{bytes, ptsUs, packet.key}}};
  const int64_t endUs = ptsUs + std::llround(1e6 / format_.fps);
  return {.videoClass = videoClass_,
          .type = MessageType::Mp4Fragment,
          .key = packet.key,
          .bytes = previewMessage(MessageType::Mp4Fragment, packet.key, packet.info,
                                  mp4Fragment(++fragments_, frame, endUs, sample))};
}

}  // namespace pimon
