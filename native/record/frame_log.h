#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "camera/frame.h"
#include "record/container.h"
#include "record/output_file.h"

namespace pimon {

// A row of the frame log: one frame that was written.
struct LogRow {
  uint64_t frame = 0;         // of the recording, from 0
  uint64_t segmentFrame = 0;  // of the segment, from 0
  // Not known where a repair has lost the row and the container has no time.
  std::optional<int64_t> sensorNs;
  std::optional<int64_t> wallUs;
  Stored stored;
  bool key = false;
  std::optional<int32_t> exposureUs;
  std::optional<float> gain;
  Losses lostBefore;  // between the row before and this one
};

// The columns, and a row, as lines of CSV. What is not known is empty. Frames lost before one at a
// single stage read `3,encoder`; at more of them `5,sensor:2+encoder:3`.
std::string_view frameLogHeader();
void appendRow(std::string& text, const LogRow& row);
// False where the line is not one that appendRow writes. `line` is without its end.
bool parseRow(std::string_view line, LogRow& row);

// The file beside a segment, one row a frame. Rows gather in memory and reach the kernel with the
// fragment that has their frames. One thread calls; throws as OutputFile does.
class FrameLogFile {
 public:
  void create(const std::string& path);
  void add(const LogRow& row) { appendRow(rows_, row); }
  void flush();
  // Flushes, and returns once the disk has it.
  void close();
  // What flush() was last called for did not reach the video: takes its rows back.
  void revert();
  // The rows flushed last have their frames in the video.
  void keep() { kept_ = file_.bytes(); }

  uint64_t bytes() const { return file_.bytes(); }
  int fd() const { return file_.fd(); }

 private:
  OutputFile file_;
  std::string rows_;
  uint64_t kept_ = 0;  // bytes of rows whose frames are in the video
};

}  // namespace pimon
