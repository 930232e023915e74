#pragma once

#include <vector>

#include "record/container.h"
#include "record/mp4_boxes.h"
#include "record/mp4_fragment.h"
#include "record/mp4_samples.h"
#include "record/output_file.h"

namespace pimon {

// A fragmented MP4 while it grows, an ordinary one once it is closed (mp4_index.h). Presentation
// times are the sensor's, from the first frame on, in microseconds.
class Mp4Container final : public Container {
 public:
  void open(const std::string& path, const StreamFormat& format) override;
  Stored write(const Packet& packet) override;
  void flush(std::optional<int64_t> nextSensorNs) override;
  void close() override;
  void revert() override;

  uint64_t bytes() const override { return file_.bytes(); }
  int fd() const override { return file_.fd(); }

 private:
  void begin(const Packet& first);
  int64_t ptsUs(int64_t sensorNs) const { return (sensorNs - firstNs_) / 1000; }

  OutputFile file_;
  StreamFormat format_;
  Mp4Track track_;
  int64_t firstNs_ = 0;
  uint64_t whole_ = 0;  // bytes of whole fragments, with what is before them
  Mp4Samples samples_;  // of these
  uint32_t fragments_ = 0;
  // Of the fragment that is gathering.
  std::vector<FragmentFrame> frames_;
  std::vector<uint8_t> data_;
};

}  // namespace pimon
