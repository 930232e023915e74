#include "record/mp4_container.h"

#include "record/avc.h"
#include "record/mp4_index.h"

namespace pimon {

void Mp4Container::open(const std::string& path, const StreamFormat& format) {
  file_.create(path);
  format_ = format;
}

void Mp4Container::begin(const Packet& first) {
  const std::vector<uint8_t> configuration = avcConfiguration(first.data);
  if (configuration.empty()) {
    throw Error("encoder-refused", "The first keyframe came without its parameter sets.");
  }
  firstNs_ = first.info.sensorNs;
  track_ = mp4Track(format_, first.info.wallUs, configuration);
  file_.append(mp4Beginning(track_));
  whole_ = file_.bytes();
}

Stored Mp4Container::write(const Packet& packet) {
  if (whole_ == 0) begin(packet);
  const int64_t pts = ptsUs(packet.info.sensorNs);
  const uint32_t bytes = appendAvcSample(packet.data, data_);
  frames_.push_back({bytes, pts, packet.key});
  return {.pts = pts, .bytes = bytes};
}

void Mp4Container::flush(std::optional<int64_t> nextSensorNs) {
  if (frames_.empty()) return;
  const int64_t endUs = nextSensorNs
                            ? ptsUs(*nextSensorNs)
                            : frames_.back().ptsUs + static_cast<int64_t>(1e6 / format_.fps);
  file_.append(mp4Fragment(++fragments_, frames_, endUs, data_));
  samples_.beginChunk(whole_ + mp4FragmentHeadBytes(frames_.size()));
  for (const FragmentFrame& frame : frames_) samples_.add(frame.bytes, frame.ptsUs, frame.key);
  samples_.setLastDuration(endUs - frames_.back().ptsUs);
  whole_ = file_.bytes();
  frames_.clear();
  data_.clear();
}

void Mp4Container::close() {
  flush(std::nullopt);
  if (samples_.size() > 0) closeMp4(file_, track_, samples_);
}

void Mp4Container::revert() {
  frames_.clear();
  data_.clear();
  file_.truncate(whole_);
}

}  // namespace pimon
