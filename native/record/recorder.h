#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "record/container.h"
#include "record/disk_sync.h"
#include "record/interval_stats.h"
#include "record/packet_ring.h"
#include "support/worker.h"

namespace pimon {

enum class StopReason : uint8_t {
  Requested,
  Duration,
  DiskReserve,  // the disk is as full as it may get
  DiskGone,     // another disk, or none, is where the recording was begun
  DiskError,
  CameraLost,
  EncoderFailed,
  Shutdown,
};
const char* name(StopReason reason);

struct RecordingRequest {
  std::string path;           // of the video, which must not exist
  int64_t maxDurationNs = 0;  // of sensor time; 0: until stopped
};

// Frames that are missing between two written ones, or after the last.
struct Gap {
  uint64_t afterFrame = 0;  // frames written before it
  uint64_t frames = 0;
  Stage stage = Stage::Sensor;
  std::optional<int64_t> sensorNs;  // of the frame after it
};

struct RecordingProgress {
  std::string path;
  uint64_t written = 0;  // frames
  Losses losses;         // since the first frame
  uint64_t bytes = 0;
  std::optional<FrameInfo> first;
  std::optional<FrameInfo> last;
  int64_t unsyncedMs = 0;  // age of the oldest data the disk has not acknowledged
  int64_t maxUnsyncedMs = 0;

  // What reached the encoder.
  uint64_t captured() const { return written + losses[Stage::Encoder] + losses[Stage::Writer]; }
};

struct RecordingSummary : RecordingProgress {
  StopReason reason = StopReason::Requested;
  std::vector<Gap> gaps;  // at most kMaxGaps; the losses count them all
  int64_t medianUs = 0;   // of the intervals between written frames
  int64_t p99Us = 0;
  int64_t maxUs = 0;
};

// Called on the writer thread; hands over and returns.
class RecorderListener {
 public:
  virtual ~RecorderListener() = default;
  virtual void onFirstFrame(const FrameInfo& first) noexcept = 0;
  // Before the next frame written, by stage; the sum of all calls is in the summary.
  virtual void onFramesLost(const Losses& losses) noexcept = 0;
  // The recording is long enough, or `error` ended it. Call finish from another thread.
  virtual void onRecorderDone(StopReason reason, const std::optional<Error>& error) noexcept = 0;
};

// Writes packets to one file: a gate that opens at the first keyframe and closes for good. A ring
// stands between the encoder and the writer thread, another thread syncs.
class Recorder {
 public:
  static constexpr size_t kMaxGaps = 1000;

  Recorder(std::unique_ptr<Container> container, RecorderListener& listener);
  ~Recorder();

  // Makes the file; throws as Container::open does.
  void start(const RecordingRequest& request, const StreamFormat& format);
  // Any thread; never blocks.
  void push(PacketPtr packet) noexcept;
  // Writes what was pushed, then closes and syncs the file. `lostAtEnd`: frames lost after the last
  // packet. `reason` gives way to the recorder's own, if it had one. A file without a frame is
  // removed again.
  RecordingSummary finish(StopReason reason, const Losses& lostAtEnd);
  // Any thread.
  RecordingProgress progress() const;

 private:
  enum class Gate : uint8_t { Waiting, Open, Closed, Failed };

  void run();
  void take(const PacketRing::Item& item);
  void write(const PacketRing::Item& item);
  Losses lostWithin(int64_t durationNs, const PacketRing::Item& item) const;
  void lose(const Losses& losses, std::optional<int64_t> nextSensorNs);
  void close();
  void end(StopReason reason, const std::optional<Error>& error);
  void fail(const Error& error);

  std::unique_ptr<Container> container_;
  RecorderListener& listener_;
  RecordingRequest request_;
  PacketRing ring_;
  DiskSync sync_;

  // Of the writer thread.
  Gate gate_ = Gate::Waiting;
  std::optional<StopReason> ownReason_;
  uint64_t unflushed_ = 0;                // frames in the container's memory
  std::optional<FrameInfo> lastFlushed_;  // the last frame that is not there
  std::vector<Gap> gaps_;
  IntervalStats intervals_;
  std::atomic<bool> syncFailed_ = false;

  mutable std::mutex mutex_;
  RecordingProgress progress_;

  Worker worker_;
};

}  // namespace pimon
