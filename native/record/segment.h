#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "record/container.h"
#include "record/disk_sync.h"
#include "record/frame_log.h"

namespace pimon {

// What is known of one segment: a video file with its frame log.
struct SegmentFile {
  std::string video;  // the files' names in the recording's folder
  std::string log;
  uint64_t firstFrame = 0;  // of the recording
  uint64_t frames = 0;
  uint64_t bytes = 0;  // of the video
  uint64_t logBytes = 0;
  std::optional<FrameInfo> first;
  std::optional<FrameInfo> last;
  // An ordinary indexed file that the disk has. Otherwise it plays as far as it goes, and can be
  // repaired.
  bool closed = false;
};

// The files are `stem`.`ending` and `stem`.frames.csv.
struct SegmentPlace {
  std::string folder;
  std::string stem;
  std::string ending;
};

// Writes one segment. A fragment gathers for half a second and goes to the kernel at once, its rows
// of the log first, so that a killed process leaves no frame without its row; another thread syncs
// both. One thread calls, except where it says so; all throw Error.
class Segment {
 public:
  // `onSyncError` is called on the sync thread.
  Segment(std::unique_ptr<Container> container, std::function<void(const Error&)> onSyncError);

  // Makes both files, or leaves neither.
  void open(const SegmentPlace& place, const StreamFormat& format, uint64_t firstFrame);
  void write(const Packet& packet, const Losses& lostBefore);
  // When what has gathered is due, in CLOCK_MONOTONIC; none while nothing has.
  std::optional<int64_t> flushDueNs() const { return flushDueNs_; }
  void flush(std::optional<int64_t> nextSensorNs);
  // Returns once the disk has the closed file. Another thread may call it, as the last call.
  void close();
  // After a failure: leaves both files with the frames that became whole, closed if the disk still
  // takes that. Does not throw.
  void salvage() noexcept;
  // Takes both files away again.
  void discard() noexcept;

  const SegmentFile& file() const { return file_; }
  // Frames that no flush has brought to the kernel yet.
  uint64_t unflushed() const { return unflushed_; }
  // Any thread.
  int64_t unsyncedMs() const { return sync_.unsyncedMs(); }
  int64_t maxUnsyncedMs() const { return sync_.maxUnsyncedMs(); }

 private:
  std::string pathOf(const std::string& name) const { return folder_ + "/" + name; }
  void measure();

  std::unique_ptr<Container> container_;
  FrameLogFile log_;
  DiskSync sync_;
  std::string folder_;
  int64_t frameNs_ = 0;
  SegmentFile file_;
  uint64_t unflushed_ = 0;
  int64_t gatheringSinceNs_ = 0;  // sensor time of the first frame that is not flushed
  std::optional<FrameInfo> lastFlushed_;
  std::optional<int64_t> flushDueNs_;
};

}  // namespace pimon
