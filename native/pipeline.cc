#include "pipeline.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace pimon {

Pipeline::Pipeline(PipelineListener& listener, OpenSource openSource, ChooseEncoder chooseEncoder)
    : listener_(listener),
      openSource_(openSource),
      chooseEncoder_(chooseEncoder),
      small_(
          chooseEncoder, [this](LiveMessage message) { listener_.onVideo(std::move(message)); },
          [this](const Error& error) {
            listener_.onEvent(ErrorEvent{error.code(), error.what()});
          }),
      control_("control") {
  previewer_.start();
}

Pipeline::~Pipeline() {
  control_.post([this] { stop(); });
  control_.finish();
  previewer_.stop();
}

// ---- The frame's way --------------------------------------------------------------------------

void Pipeline::onFrame(FramePtr frame) noexcept {
  const std::lock_guard handingOver(handingOver_);
  std::shared_ptr<Encoder> encoder;
  Losses lostBefore;
  bool toBeKey = false;
  ContinuedFrames::Arrival arrival;
  {
    const std::lock_guard lock(mutex_);
    arrival = continued_.arrived(std::move(frame));
    pending_[Stage::Sensor] += arrival.missed;
    losses_[Stage::Sensor] += arrival.missed;
    newest_ = arrival.frame->info;
    ++captured_;
    if (feeding_) encoder = encoder_;
    lostBefore = std::exchange(pending_, {});
    if (encoder && keyframeAtNs_ && arrival.frame->info.sensorNs >= *keyframeAtNs_) {
      keyframeAtNs_.reset();
      toBeKey = true;
    }
  }
  frame = std::move(arrival.frame);
  if (arrival.missed > 0) listener_.onEvent(LossEvent{Stage::Sensor, arrival.missed});
  if (arrival.outage) listener_.onEvent(CameraResumedEvent{*arrival.outage});
  if (toBeKey) encoder->requestKeyframe();
  // First of all: the preview's thread wakes by the other, and has its lock at a low priority.
  if (encoder) encode(*encoder, frame, lostBefore);
  previewer_.offer(frame);
}

void Pipeline::encode(Encoder& encoder, const FramePtr& frame, const Losses& lostBefore) noexcept {
  if (encoder.submit(frame, lostBefore) == Submitted::Yes) {
    handedOver_ = frame->info.sequence;
    return;
  }
  // It is full, or has failed and will be taken away.
  const std::lock_guard lock(mutex_);
  pending_ += lostBefore;
  ++pending_[Stage::Encoder];
}

void Pipeline::onLost(Stage stage, uint64_t frames) noexcept {
  {
    const std::lock_guard lock(mutex_);
    continued_.lost(frames);
    pending_[stage] += frames;
    losses_[stage] += frames;
  }
  listener_.onEvent(LossEvent{stage, frames});
}

void Pipeline::onPacket(PacketPtr packet) noexcept {
  std::vector<LiveMessage> messages;
  {
    const std::lock_guard lock(packets_);
    if (feed_) feed_->push(packet);
    if (live_) messages = live_->add(*packet);
    if (!feed_ && preRoll_) preRoll_->add(std::move(packet));
  }
  for (LiveMessage& message : messages) {
    if (message.type == MessageType::Mp4Fragment) ++liveFrames_;
    listener_.onVideo(std::move(message));
  }
}

void Pipeline::onFirstFrame(const FrameInfo& first) noexcept {
  {
    const std::lock_guard lock(mutex_);
    first_ = first;
  }
  startChanged_.notify_all();
  listener_.onEvent(RecordingStartedEvent{recordingName(), first});
}

void Pipeline::onKeyframeWanted() noexcept {
  std::shared_ptr<Encoder> encoder;
  {
    const std::lock_guard lock(mutex_);
    encoder = encoder_;
  }
  if (encoder) encoder->requestKeyframe();
}

void Pipeline::onSegmentOpened(const SegmentFile& file) noexcept {
  listener_.onEvent(SegmentOpenedEvent{recordingName(), file});
}

void Pipeline::onSegmentClosed(const SegmentFile& file) noexcept {
  std::string folder;
  std::string recording;
  {
    const std::lock_guard lock(mutex_);
    folder = recordingFolder_;
    recording = recording_;
  }
  listener_.onEvent(SegmentClosedEvent{recording, file});
  if (!file.closed) return;
  for (const std::string& name : {file.video, file.log}) {
    hasher_.add(std::filesystem::path(folder) / name,
                [this, recording, name](const FileHash& hash) {
                  listener_.onEvent(FileHashedEvent{recording, name, hash.bytes, hash.sha256});
                });
  }
}

void Pipeline::onPreview(PreviewMessage message) noexcept {
  listener_.onPreview(std::move(message));
}

void Pipeline::onPlainPicture(SmallPicture picture, const FrameInfo& info) noexcept {
  small_.offer(std::move(picture), info);
}

// ---- What goes wrong on it --------------------------------------------------------------------

void Pipeline::onFramesLost(const Losses& losses) noexcept {
  // The source has told of its own.
  for (const Stage stage : {Stage::Encoder, Stage::Writer}) {
    if (losses[stage] > 0) listener_.onEvent(LossEvent{stage, losses[stage]});
  }
}

void Pipeline::onSourceError(const Error& error) noexcept {
  fail(error);
  uint64_t run = 0;
  {
    const std::lock_guard lock(mutex_);
    run = run_;
  }
  control_.post([this, error, run] {
    if (run != run_) return;  // it has been stopped or started again since
    if (recorder_) {
      listener_.onEvent(CameraFailedEvent{error.code(), error.what()});
      return;
    }
    stop();
    listener_.onEvent(CameraLostEvent{error.code(), error.what()});
  });
}

void Pipeline::onEncoderError(const Error& error) noexcept {
  fail(error);
  listener_.onEvent(ErrorEvent{error.code(), error.what()});
  endSoon(StopReason::EncoderFailed);
  std::weak_ptr<Encoder> failed;
  {
    const std::lock_guard lock(mutex_);
    failed = encoder_;
  }
  control_.post([this, failed] {
    // It ran for the pre-roll or for live video, and no other has taken its place.
    if (!recorder_ && encoder_ && failed.lock() == encoder_) stopEncoder();
  });
}

void Pipeline::onRecorderDone(StopReason reason, const std::optional<Error>& error) noexcept {
  if (error) {
    fail(*error);
    listener_.onEvent(ErrorEvent{error->code(), error->what()});
  }
  endSoon(reason);
}

void Pipeline::onPreviewError(const Error& error) noexcept {
  listener_.onEvent(ErrorEvent{error.code(), error.what()});
}

void Pipeline::fail(const Error& error) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = error;
  }
  startChanged_.notify_all();
}

void Pipeline::endSoon(StopReason reason) noexcept {
  std::weak_ptr<Recorder> recorder;
  {
    const std::lock_guard lock(mutex_);
    recorder = recorder_;
  }
  control_.post([this, reason, recorder] {
    if (recorder.expired() || recorder.lock() != recorder_) return;
    endRecording(reason);
    resumeStandby();
  });
}

// ---- Control ----------------------------------------------------------------------------------

OpenCamera Pipeline::start(const CameraRequest& request) {
  if (recorder_) throw Error("recording-running", "Stop the recording before the camera restarts.");
  stop();
  std::shared_ptr<FrameSource> source = openSource_(request.id);
  SourceConfig config = request.config;
  config.buffers = cameraBuffers(config);
  OpenCamera camera{source->info(), source->configure(config)};
  {
    const std::lock_guard lock(mutex_);
    source_ = source;
    camera_ = camera;
    config_ = config;
    ++run_;
    continued_.begin(camera.format.fps);
    newest_.reset();
    captured_ = 0;
    written_ = 0;
    losses_ = {};
    pending_ = {};
  }
  try {
    source->start(*this);
  } catch (...) {
    stop();
    throw;
  }
  resumeStandby();
  return camera;
}

void Pipeline::stop() {
  if (source_) source_->stop();
  if (recorder_) endRecording(StopReason::Shutdown);
  stopEncoder();
  stopSmallVideo();
  {
    const std::lock_guard lock(packets_);
    live_.reset();  // the next camera may have another format
  }
  std::shared_ptr<FrameSource> last;
  {
    const std::lock_guard lock(mutex_);
    last = std::exchange(source_, nullptr);
    camera_.reset();
    ++run_;
  }
  previewer_.forget();
}

void Pipeline::restartCamera(bool reopen) {
  if (!camera_) throw Error("camera-lost", "No camera is running.");
  if (source_) source_->stop();
  std::shared_ptr<FrameSource> source = source_;
  {
    const std::lock_guard lock(mutex_);
    ++run_;
    continued_.interrupt();
    if (reopen) source_.reset();
  }
  if (reopen || !source) {
    source.reset();  // a camera can be had only once
    source = openSource_(camera_->info.id);
    if (source->configure(config_) != camera_->format) {
      throw Error("camera-lost", "The camera came back with another picture format.");
    }
    const std::lock_guard lock(mutex_);
    source_ = source;
  }
  source->start(*this);
}

// ---- Any thread -------------------------------------------------------------------------------

PipelineStatus Pipeline::status() const {
  PipelineStatus status;
  std::shared_ptr<Recorder> recorder;
  std::shared_ptr<Encoder> encoder;
  {
    const std::lock_guard lock(mutex_);
    status.camera = camera_;
    status.newest = newest_;
    status.captured = captured_;
    status.written = written_;
    status.losses = losses_;
    status.encoder = encoderInfo_;
    recorder = recorder_;
    encoder = encoder_;
  }
  if (encoder) status.encoderReport = encoder->report();
  status.preview = previewer_.counts();
  status.liveFrames = liveFrames_;
  status.small = small_.counts();
  if (!recorder) return status;
  status.recording = recorder->progress();
  status.written += status.recording->written;
  for (const Stage stage : {Stage::Encoder, Stage::Writer}) {
    status.losses[stage] += status.recording->losses[stage];
  }
  return status;
}

std::vector<ControlInfo> Pipeline::controls() const {
  const std::shared_ptr<FrameSource> source = this->source();
  return source ? source->controls() : std::vector<ControlInfo>{};
}

std::vector<ControlInfo> Pipeline::setControls(const ControlValues& values) {
  const std::shared_ptr<FrameSource> source = this->source();
  if (!source) throw Error("camera-lost", "No camera is running.");
  source->setControls(values);
  return source->controls();
}

void Pipeline::setPreview(std::vector<PreviewClass> classes) {
  previewer_.setClasses(std::move(classes));
}

void Pipeline::requestLiveKeyframe(VideoClass videoClass) {
  if (videoClass == VideoClass::Small) {
    small_.requestKeyframe();
    return;
  }
  std::shared_ptr<Encoder> encoder;
  {
    const std::lock_guard lock(mutex_);
    if (recorder_ || preRollNs_ > 0) return;
    encoder = encoder_;
  }
  if (encoder) encoder->requestKeyframe();
}

void Pipeline::snapshot(int width, int quality, Previewer::SnapshotDone done) {
  previewer_.snapshot(width, quality, std::move(done));
  // Without a camera, or if it has just stopped, nobody else would answer.
  if (!source()) previewer_.forget();
}

void Pipeline::inject(const Fault& fault) {
  const std::shared_ptr<FrameSource> source = this->source();
  if (!source) throw Error("camera-lost", "No camera is running.");
  source->inject(fault);
}

std::string Pipeline::recordingName() const {
  const std::lock_guard lock(mutex_);
  return recording_;
}

std::shared_ptr<FrameSource> Pipeline::source() const {
  const std::lock_guard lock(mutex_);
  return source_;
}

}  // namespace pimon
