// What of the pipeline begins and ends recordings. All on the control thread.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "pipeline.h"
#include "support/clock.h"

namespace pimon {

namespace {

// How long the first frame may take: the camera's longest silence that is still no fault.
constexpr std::chrono::milliseconds kFirstFrameLimit{2000};
constexpr int kFirstFrameIntervals = 5;

// Whether frames and packets still come after a recording that ended so.
bool stillFlows(StopReason reason) {
  return reason != StopReason::Shutdown && reason != StopReason::CameraLost &&
         reason != StopReason::EncoderFailed;
}

}  // namespace

RecordingStarted Pipeline::startRecording(const RecordingRequest& wanted,
                                          const EncoderSettings& settings) {
  if (!camera_) throw Error("camera-lost", "No camera is running.");
  if (recorder_) throw Error("recording-running", "A recording is running already.");
  const StreamFormat& format = camera_->format;
  RecordingRequest request = wanted;
  // One that runs already is taken over, unless it is not the one that is asked for.
  const bool runs = encoder_ && isSameEncoder(encoderStarted_, settings);
  request.preRollNs = runs ? preRollNs_ : 0;
  request.durationFromNs = request.preRollNs > 0 ? monotonicNs() : 0;
  RecorderListener& listener = *this;
  const auto recorder = std::make_shared<Recorder>(listener);
  {
    const std::lock_guard lock(mutex_);
    first_.reset();
    failure_.reset();
    recordingFolder_ = request.folder;
    recording_ = request.name;
  }
  std::optional<EncoderChoice> choice;
  if (!runs) choice = chooseEncoder_(settings, format);
  recorder->start(request, format);
  try {
    if (runs) {
      encoder_->apply(settings);
      takeOver(recorder, request.startAtNs);
    } else {
      stopEncoder();
      setRecorder(recorder, request.startAtNs);
      startEncoder(std::move(*choice), settings);
    }
    if (request.startAtNs) return {std::nullopt, *encoderInfo_};
    return {waitForFirstFrame(format), *encoderInfo_};
  } catch (...) {
    if (!recorder_) setRecorder(recorder, std::nullopt);
    // Whatever it was, the encoder begins anew.
    const RecordingSummary late = closeRecording(StopReason::EncoderFailed);
    // A frame may have come too late.
    for (const SegmentFile& file : late.files) {
      std::filesystem::remove(request.folder + "/" + file.video);
      std::filesystem::remove(request.folder + "/" + file.log);
    }
    resumeStandby();
    throw;
  }
}

void Pipeline::setRecorder(const std::shared_ptr<Recorder>& recorder,
                           std::optional<int64_t> keyframeAtNs) {
  const std::scoped_lock lock(packets_, mutex_);
  recorder_ = recorder;
  feed_ = std::make_shared<RecordingFeed>(recorder);
  keyframeAtNs_ = keyframeAtNs;
}

// The encoder runs: what the pre-roll kept goes first, and no packet comes in between.
void Pipeline::takeOver(const std::shared_ptr<Recorder>& recorder,
                        std::optional<int64_t> keyframeAtNs) {
  const std::scoped_lock lock(packets_, mutex_);
  const std::deque<PacketPtr> kept = preRoll_ ? preRoll_->take() : std::deque<PacketPtr>{};
  if (kept.empty()) encoder_->requestKeyframe();
  recorder_ = recorder;
  feed_ = std::make_shared<RecordingFeed>(recorder);
  for (const PacketPtr& packet : kept) feed_->push(packet);
  keyframeAtNs_ = keyframeAtNs;
}

FrameInfo Pipeline::waitForFirstFrame(const StreamFormat& format) {
  const std::chrono::duration<double> frames(kFirstFrameIntervals / format.fps);
  const auto limit = std::max<std::chrono::duration<double>>(kFirstFrameLimit, frames);
  std::unique_lock lock(mutex_);
  startChanged_.wait_for(lock, limit, [this] { return first_ || failure_; });
  // What failed after the first frame ends the recording in its turn, with its event.
  if (first_) return *first_;
  if (failure_) throw Error(*failure_);
  throw Error("camera-lost", "The camera gives no frames.");
}

RecordingSummary Pipeline::stopRecording(StopReason reason) {
  if (!recorder_) throw Error("not-recording", "No recording is running.");
  RecordingSummary summary = endRecording(reason);
  resumeStandby();
  return summary;
}

void Pipeline::splitRecording() {
  if (!recorder_) throw Error("not-recording", "No recording is running.");
  recorder_->split();
}

void Pipeline::moveStart(int64_t startAtNs) {
  if (!recorder_) throw Error("not-recording", "No recording is running.");
  if (recorder_->progress().first) return;
  recorder_->moveStart(startAtNs);
  const std::lock_guard lock(mutex_);
  keyframeAtNs_ = startAtNs;
}

RecordingSummary Pipeline::endRecording(StopReason reason) {
  RecordingSummary summary = closeRecording(reason);
  listener_.onEvent(RecordingEndedEvent{summary});
  return summary;
}

RecordingSummary Pipeline::closeRecording(StopReason reason) {
  const std::shared_ptr<Recorder> recorder = recorder_;
  const bool goesOn = encoder_ && encoderIsWanted() && stillFlows(reason);
  const Losses lostAtEnd = goesOn ? leaveEncoder() : stopEncoder();
  RecordingSummary summary = recorder->finish(reason, lostAtEnd);
  const std::scoped_lock lock(packets_, mutex_);
  recorder_.reset();
  feed_.reset();
  keyframeAtNs_.reset();
  written_ += summary.written;
  for (const Stage stage : {Stage::Encoder, Stage::Writer}) {
    losses_[stage] += summary.losses[stage];
  }
  return summary;
}

}  // namespace pimon
