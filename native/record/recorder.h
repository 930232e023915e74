#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "record/container.h"
#include "record/interval_stats.h"
#include "record/packet_ring.h"
#include "record/segment.h"
#include "support/executor.h"
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
  std::string folder;  // which exists
  std::string name;    // the files' names begin with it
  ContainerKind container = ContainerKind::Mp4;
  // The first segment is `name`_0000.mp4, or else `name`.mp4.
  bool numbered = true;
  // Where it goes on with a recording that was broken off: the numbers its files and frames begin
  // at.
  uint32_t firstSegment = 0;
  uint64_t firstFrame = 0;
  // A segment ends at the first keyframe after it has reached one of these; 0: no limit.
  int64_t segmentNs = 0;  // of sensor time
  uint64_t segmentBytes = 0;
  int64_t maxDurationNs = 0;  // of sensor time; 0: until stopped
  // The gate opens at the first keyframe from this sensor time on.
  std::optional<int64_t> startAtNs;
  // The recording begins with so much that was seen before, which its duration does not count: that
  // begins at `durationFromNs`, or at the first frame if it comes later.
  int64_t preRollNs = 0;
  int64_t durationFromNs = 0;
};

// Frames that are missing between two written ones, or after the last.
struct Gap {
  uint64_t afterFrame = 0;  // frames written before it
  uint64_t frames = 0;
  Stage stage = Stage::Sensor;
  std::optional<int64_t> sensorNs;  // of the frame after it
};

struct RecordingProgress {
  std::string folder;
  std::string name;
  uint32_t segment = 0;  // the number of the one in work
  std::string video;     // the name of its file in the folder
  uint64_t written = 0;  // frames
  Losses losses;         // since the first frame
  uint64_t bytes = 0;    // of video
  std::optional<FrameInfo> first;
  std::optional<FrameInfo> last;
  int64_t unsyncedMs = 0;  // age of the oldest data the disk has not acknowledged
  int64_t maxUnsyncedMs = 0;

  // What reached the encoder.
  uint64_t captured() const { return written + losses[Stage::Encoder] + losses[Stage::Writer]; }
};

struct RecordingSummary : RecordingProgress {
  StopReason reason = StopReason::Requested;
  std::vector<SegmentFile> files;
  std::vector<Gap> gaps;  // at most kMaxGaps; the losses count them all
  int64_t medianUs = 0;   // of the intervals between written frames
  int64_t p99Us = 0;
  int64_t maxUs = 0;
};

// Called on the writer thread, except where it says so; hands over and returns.
class RecorderListener {
 public:
  virtual ~RecorderListener() = default;
  virtual void onFirstFrame(const FrameInfo& first) noexcept = 0;
  // Before the next frame written, by stage; the sum of all calls is in the summary.
  virtual void onFramesLost(const Losses& losses) noexcept = 0;
  // A segment is to end: the encoder shall make a keyframe soon.
  virtual void onKeyframeWanted() noexcept = 0;
  virtual void onSegmentOpened(const SegmentFile& file) noexcept = 0;
  // The files are final, unless `closed` says that they need a repair. On the finisher thread, or
  // the one that calls finish.
  virtual void onSegmentClosed(const SegmentFile& file) noexcept = 0;
  // The recording is long enough, or `error` ended it. Call finish from another thread. On the
  // writer, sync or finisher thread.
  virtual void onRecorderDone(StopReason reason, const std::optional<Error>& error) noexcept = 0;
};

// Writes packets to segments: a gate that opens at the first keyframe and closes for good. A ring
// stands between the encoder and the writer thread; others sync, and close the segments that are
// full.
class Recorder {
 public:
  static constexpr size_t kMaxGaps = 1000;

  // Replaced in tests.
  using MakeContainer = std::unique_ptr<Container> (*)(ContainerKind kind);

  explicit Recorder(RecorderListener& listener, MakeContainer makeContainer = pimon::makeContainer);
  ~Recorder();

  // Makes the first segment's files; throws as Segment::open does.
  void start(const RecordingRequest& request, const StreamFormat& format);
  // Any thread; never blocks.
  void push(PacketPtr packet) noexcept;
  // Any thread: the next keyframe, which is asked for, begins a new segment.
  void split() noexcept { splitAsked_ = true; }
  // Any thread: `startAtNs` of the request is another, unless the gate has opened already.
  void moveStart(int64_t startAtNs) noexcept { startAtNs_ = startAtNs; }
  // Writes what was pushed, then closes and syncs the files. `lostAtEnd`: frames lost after the
  // last packet. `reason` gives way to the recorder's own, if it had one. Files without a frame are
  // removed again.
  RecordingSummary finish(StopReason reason, const Losses& lostAtEnd);
  // Any thread.
  RecordingProgress progress() const;

 private:
  enum class Gate : uint8_t { Waiting, Open, Closed, Failed };

  void run();
  void take(const PacketRing::Item& item);
  void write(const PacketRing::Item& item);
  int64_t endNs() const;
  Losses lostBeforeEnd(const PacketRing::Item& item) const;
  void flushIfDue();
  bool cutIsDue(const Packet& packet);
  void cut(const Packet& next);
  void handOver();
  void openSegment(uint64_t firstFrame);
  void finishSegment(Segment& segment) noexcept;
  void measure();
  void lose(const Losses& losses, std::optional<int64_t> nextSensorNs);
  void close();
  void end(StopReason reason, const std::optional<Error>& error);
  void fail(const Error& error);

  RecorderListener& listener_;
  const MakeContainer makeContainer_;
  RecordingRequest request_;
  StreamFormat format_;
  PacketRing ring_;

  // Of the writer thread.
  Gate gate_ = Gate::Waiting;
  std::vector<uint8_t> parameterSets_;  // of the segment in work
  bool keyframeAsked_ = false;
  uint64_t earlierFrames_ = 0;  // of the segments handed to the finisher
  std::optional<FrameInfo> earlierLast_;
  std::vector<Gap> gaps_;
  IntervalStats intervals_;
  std::atomic<bool> splitAsked_ = false;
  std::atomic<int64_t> startAtNs_ = 0;

  // Changed by the writer thread, except where it says so.
  mutable std::mutex mutex_;
  RecordingProgress progress_;
  std::optional<StopReason> ownReason_;  // by any
  std::shared_ptr<Segment> segment_;     // none once the last is with the finisher
  uint64_t earlierBytes_ = 0;            // of the segments before it
  std::vector<SegmentFile> files_;       // by the finisher
  int64_t maxUnsyncedMs_ = 0;            // of the segments before it, and by the finisher

  std::unique_ptr<Executor> finisher_;  // closes segments
  Worker worker_;
};

}  // namespace pimon
