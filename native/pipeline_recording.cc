// What of the pipeline begins and ends recordings, and the encoder with them. All on the control
// thread.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "pipeline.h"
#include "support/clock.h"

namespace pimon {

namespace {

// An encoder gives back what it has within a frame or two; a stuck one must not hold up a stop.
constexpr std::chrono::milliseconds kDrainLimit{1000};
// How long the first frame may take: the camera's longest silence that is still no fault.
constexpr std::chrono::milliseconds kFirstFrameLimit{2000};
constexpr int kFirstFrameIntervals = 5;

}  // namespace

RecordingStarted Pipeline::startRecording(const RecordingRequest& wanted,
                                          const EncoderSettings& settings) {
  if (!camera_) throw Error("camera-lost", "No camera is running.");
  if (recorder_) throw Error("recording-running", "A recording is running already.");
  const StreamFormat& format = camera_->format;
  RecordingRequest request = wanted;
  request.durationFromNs = encoder_ ? monotonicNs() : 0;
  request.preRollNs = encoder_ ? preRollNs_ : 0;
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
  if (!encoder_) choice = chooseEncoder_(settings, format);
  recorder->start(request, format);
  try {
    if (encoder_) {
      encoder_->apply(settings);
      takeOver(recorder, request.startAtNs);
    } else {
      setRecorder(recorder, request.startAtNs);
      startEncoder(std::move(*choice), format);
    }
    if (request.startAtNs) return {std::nullopt, *encoderInfo_};
    return {waitForFirstFrame(format), *encoderInfo_};
  } catch (...) {
    if (!recorder_) setRecorder(recorder, std::nullopt);
    const RecordingSummary late = closeRecording(StopReason::Requested);
    // A frame may have come too late.
    for (const SegmentFile& file : late.files) {
      std::filesystem::remove(request.folder + "/" + file.video);
      std::filesystem::remove(request.folder + "/" + file.log);
    }
    resumePreRoll();
    throw;
  }
}

void Pipeline::setRecorder(const std::shared_ptr<Recorder>& recorder,
                           std::optional<int64_t> keyframeAtNs) {
  const std::scoped_lock lock(packets_, mutex_);
  recorder_ = recorder;
  keyframeAtNs_ = keyframeAtNs;
}

// The encoder runs for the pre-roll: what was kept goes first, and no packet comes in between.
void Pipeline::takeOver(const std::shared_ptr<Recorder>& recorder,
                        std::optional<int64_t> keyframeAtNs) {
  const std::scoped_lock lock(packets_, mutex_);
  std::deque<PacketPtr> kept = preRoll_->take();
  if (kept.empty()) encoder_->requestKeyframe();
  for (PacketPtr& packet : kept) recorder->push(std::move(packet));
  recorder_ = recorder;
  keyframeAtNs_ = keyframeAtNs;
}

void Pipeline::startEncoder(EncoderChoice choice, const StreamFormat& format) {
  try {
    choice.encoder->start(format, *this);
  } catch (const Error& refused) {
    if (!choice.fallback) throw;
    choice.encoder = std::move(choice.fallback);
    choice.reason = std::string("the hardware encoder refused: ") + refused.what();
    choice.encoder->start(format, *this);
    listener_.onEvent(ErrorEvent{refused.code(),
                                 std::string("The software encoder took over. ") + refused.what()});
  }
  choice.encoder->requestKeyframe();
  const std::lock_guard lock(mutex_);
  encoder_ = std::move(choice.encoder);
  encoderInfo_ = EncoderInfo{encoder_->name(), choice.reason};
  feeding_ = true;
  pending_ = {};
}

// Returns the frames that are lost with it.
Losses Pipeline::stopEncoder() {
  Losses lost;
  const std::shared_ptr<Encoder> encoder = encoder_;
  {
    // A frame that is on its way into the encoder now gets there first.
    const std::scoped_lock lock(handingOver_, mutex_);
    feeding_ = false;
    lost = std::exchange(pending_, {});
  }
  if (encoder) {
    lost += encoder->drain(kDrainLimit);
    encoder->stop();
  }
  const std::lock_guard lock(mutex_);
  encoder_.reset();
  encoderInfo_.reset();
  return lost;
}

void Pipeline::applyEncoderSettings(const EncoderSettings& settings) {
  if (encoder_) encoder_->apply(settings);
}

void Pipeline::setPreRoll(int64_t spanNs, const EncoderSettings& settings) {
  preRollNs_ = spanNs;
  preRollSettings_ = settings;
  if (recorder_) return;
  stopEncoder();
  startPreRoll();
}

void Pipeline::startPreRoll() {
  if (!camera_ || encoder_ || preRollNs_ == 0) return;
  {
    const std::lock_guard lock(packets_);
    preRoll_ = std::make_unique<PreRoll>(preRollNs_);
  }
  startEncoder(chooseEncoder_(preRollSettings_, camera_->format), camera_->format);
}

void Pipeline::resumePreRoll() noexcept {
  try {
    startPreRoll();
  } catch (const Error& error) {
    listener_.onEvent(ErrorEvent{error.code(), error.what()});
  }
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
  resumePreRoll();
  return summary;
}

void Pipeline::splitRecording() {
  if (!recorder_) throw Error("not-recording", "No recording is running.");
  recorder_->split();
}

RecordingSummary Pipeline::endRecording(StopReason reason) {
  RecordingSummary summary = closeRecording(reason);
  listener_.onEvent(RecordingEndedEvent{summary});
  return summary;
}

RecordingSummary Pipeline::closeRecording(StopReason reason) {
  const std::shared_ptr<Recorder> recorder = recorder_;
  const Losses lostAtEnd = stopEncoder();
  RecordingSummary summary = recorder->finish(reason, lostAtEnd);
  const std::scoped_lock lock(packets_, mutex_);
  recorder_.reset();
  keyframeAtNs_.reset();
  written_ += summary.written;
  for (const Stage stage : {Stage::Encoder, Stage::Writer}) {
    losses_[stage] += summary.losses[stage];
  }
  return summary;
}

}  // namespace pimon
