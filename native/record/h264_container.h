#pragma once

#include <vector>

#include "record/container.h"
#include "record/output_file.h"

namespace pimon {

// The encoder's Annex B stream as it comes. It has neither index nor times: they are in the frame
// log.
class H264Container final : public Container {
 public:
  void open(const std::string& path, const StreamFormat& format) override;
  Stored write(const Packet& packet) override;
  void flush(std::optional<int64_t> nextSensorNs) override;
  void close() override;
  void revert() override;

  uint64_t bytes() const override { return file_.bytes(); }
  int fd() const override { return file_.fd(); }

 private:
  OutputFile file_;
  uint64_t whole_ = 0;
  std::vector<uint8_t> data_;
};

}  // namespace pimon
