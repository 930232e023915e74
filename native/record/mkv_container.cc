#include "record/mkv_container.h"

#include <cmath>

#include "record/avc.h"

namespace pimon {

void MkvContainer::open(const std::string& path, const StreamFormat& format) {
  file_.create(path);
  format_ = format;
}

void MkvContainer::begin(const Packet& first) {
  MkvTrack track{format_, first.info.wallUs, avcConfiguration(first.data)};
  if (track.avcConfiguration.empty()) {
    throw Error("encoder-refused", "The first keyframe came without its parameter sets.");
  }
  firstNs_ = first.info.sensorNs;
  file_.append(mkvBeginning(track));
  whole_ = headBytes_ = file_.bytes();
}

Stored MkvContainer::write(const Packet& packet) {
  if (whole_ == 0) begin(packet);
  const int64_t pts = ptsMs(packet.info.sensorNs);
  const uint32_t bytes = appendAvcSample(packet.data, data_);
  blocks_.push_back({pts, packet.key, bytes});
  return {.pts = pts, .bytes = bytes};
}

void MkvContainer::flush(std::optional<int64_t> nextSensorNs) {
  if (blocks_.empty()) return;
  file_.append(mkvCluster(blocks_, data_));
  for (const MkvBlock& block : blocks_) {
    if (block.key) index_.cues.push_back({block.ms, whole_});
  }
  index_.durationMs =
      nextSensorNs ? ptsMs(*nextSensorNs) : blocks_.back().ms + std::lround(1e3 / format_.fps);
  whole_ = file_.bytes();
  blocks_.clear();
  data_.clear();
}

void MkvContainer::close() {
  flush(std::nullopt);
  if (whole_ > headBytes_) closeMkv(file_, index_, headBytes_);
}

void MkvContainer::revert() {
  blocks_.clear();
  data_.clear();
  file_.truncate(whole_);
}

}  // namespace pimon
