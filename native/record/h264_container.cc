#include "record/h264_container.h"

namespace pimon {

void H264Container::open(const std::string& path, const StreamFormat& /*format*/) {
  file_.create(path);
}

Stored H264Container::write(const Packet& packet) {
  data_.insert(data_.end(), packet.data.begin(), packet.data.end());
  return {.pts = std::nullopt, .bytes = static_cast<uint32_t>(packet.data.size())};
}

void H264Container::flush(std::optional<int64_t> /*nextSensorNs*/) {
  file_.append(data_);
  whole_ = file_.bytes();
  data_.clear();
}

void H264Container::close() {
  flush(std::nullopt);
  file_.sync();
}

void H264Container::revert() {
  data_.clear();
  file_.truncate(whole_);
}

}  // namespace pimon
