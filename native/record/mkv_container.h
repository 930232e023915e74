#pragma once

#include <vector>

#include "record/container.h"
#include "record/mkv_file.h"
#include "record/output_file.h"

namespace pimon {

// A Matroska file of one cluster a fragment; with its index once it is closed (mkv_file.h).
// Presentation times are the sensor's, from the first frame on, rounded to milliseconds.
class MkvContainer final : public Container {
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
  int64_t ptsMs(int64_t sensorNs) const { return (sensorNs - firstNs_ + 500'000) / 1'000'000; }

  OutputFile file_;
  StreamFormat format_;
  int64_t firstNs_ = 0;
  size_t headBytes_ = 0;
  uint64_t whole_ = 0;  // bytes of whole clusters, with what is before them
  MkvIndex index_;      // of these
  // Of the cluster that is gathering.
  std::vector<MkvBlock> blocks_;
  std::vector<uint8_t> data_;
};

}  // namespace pimon
