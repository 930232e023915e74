#include "pipeline.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace pimon {

namespace {

// An encoder gives back what it has within a frame or two; a stuck one must not hold up a stop.
constexpr std::chrono::milliseconds kDrainLimit{1000};
// How long the first frame may take: the camera's longest silence that is still no fault.
constexpr std::chrono::milliseconds kFirstFrameLimit{2000};
constexpr int kFirstFrameIntervals = 5;
// Frames out of the source at once: in the encoder, at the preview, and one being filled.
constexpr int kBuffers = 6;

}  // namespace

Pipeline::Pipeline(PipelineListener& listener, OpenSource openSource, ChooseEncoder chooseEncoder)
    : listener_(listener),
      openSource_(openSource),
      chooseEncoder_(chooseEncoder),
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
  ContinuedFrames::Arrival arrival;
  {
    const std::lock_guard lock(mutex_);
    arrival = continued_.arrived(std::move(frame));
    pending_[Stage::Sensor] += arrival.missed;
    losses_[Stage::Sensor] += arrival.missed;
    ++captured_;
    if (feeding_) encoder = encoder_;
    lostBefore = std::exchange(pending_, {});
  }
  frame = std::move(arrival.frame);
  if (arrival.missed > 0) listener_.onEvent(LossEvent{Stage::Sensor, arrival.missed});
  if (arrival.outage) listener_.onEvent(CameraResumedEvent{*arrival.outage});
  previewer_.offer(frame);
  if (!encoder || encoder->submit(std::move(frame), lostBefore) == Submitted::Yes) return;
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

void Pipeline::onPacket(PacketPtr packet) noexcept { recorder_->push(std::move(packet)); }

void Pipeline::onFirstFrame(const FrameInfo& first) noexcept {
  {
    const std::lock_guard lock(mutex_);
    first_ = first;
  }
  startChanged_.notify_all();
}

void Pipeline::onPreview(PreviewMessage message) noexcept {
  listener_.onPreview(std::move(message));
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
    if (recorder_) endRecording(StopReason::CameraLost);
    stop();
    listener_.onEvent(CameraLostEvent{error.code(), error.what()});
  });
}

void Pipeline::onEncoderError(const Error& error) noexcept {
  fail(error);
  listener_.onEvent(ErrorEvent{error.code(), error.what()});
  endSoon(StopReason::EncoderFailed);
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
  // Called by threads that end before recorder_ changes.
  control_.post([this, reason, recorder = std::weak_ptr(recorder_)] {
    if (!recorder.expired() && recorder.lock() == recorder_) endRecording(reason);
  });
}

// ---- Control ----------------------------------------------------------------------------------

OpenCamera Pipeline::start(const CameraRequest& request) {
  if (recorder_) throw Error("recording-running", "Stop the recording before the camera restarts.");
  stop();
  std::shared_ptr<FrameSource> source = openSource_(request.id);
  SourceConfig config = request.config;
  config.buffers = kBuffers;
  OpenCamera camera{source->info(), source->configure(config)};
  {
    const std::lock_guard lock(mutex_);
    source_ = source;
    camera_ = camera;
    config_ = config;
    ++run_;
    continued_.begin(camera.format.fps);
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
  return camera;
}

void Pipeline::stop() {
  if (source_) source_->stop();
  if (recorder_) endRecording(StopReason::Shutdown);
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

RecordingStarted Pipeline::startRecording(const RecordingRequest& request,
                                          const EncoderSettings& settings) {
  if (!camera_) throw Error("camera-lost", "No camera is running.");
  if (recorder_) throw Error("recording-running", "A recording is running already.");
  const StreamFormat& format = camera_->format;
  EncoderChoice choice = chooseEncoder_(settings, format);
  RecorderListener& listener = *this;
  const auto recorder = std::make_shared<Recorder>(makeMp4Container(), listener);
  recorder->start(request, format);
  {
    const std::lock_guard lock(mutex_);
    first_.reset();
    failure_.reset();
    recorder_ = recorder;
  }
  try {
    const EncoderInfo encoder = startEncoder(std::move(choice), format);
    {
      const std::lock_guard lock(mutex_);
      feeding_ = true;
      pending_ = {};
    }
    return {waitForFirstFrame(format), encoder};
  } catch (...) {
    closeRecording(StopReason::Requested);
    std::filesystem::remove(request.path);  // a frame may have come too late
    throw;
  }
}

EncoderInfo Pipeline::startEncoder(EncoderChoice choice, const StreamFormat& format) {
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
  EncoderInfo info{choice.encoder->name(), choice.reason};
  const std::lock_guard lock(mutex_);
  encoder_ = std::move(choice.encoder);
  encoderInfo_ = info;
  return info;
}

void Pipeline::applyEncoderSettings(const EncoderSettings& settings) {
  if (encoder_) encoder_->apply(settings);
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
  return endRecording(reason);
}

RecordingSummary Pipeline::endRecording(StopReason reason) {
  RecordingSummary summary = closeRecording(reason);
  listener_.onEvent(RecordingEndedEvent{summary});
  return summary;
}

RecordingSummary Pipeline::closeRecording(StopReason reason) {
  const std::shared_ptr<Encoder> encoder = encoder_;
  const std::shared_ptr<Recorder> recorder = recorder_;
  Losses lostAtEnd;
  {
    // A frame that is on its way into the encoder now gets there first.
    const std::scoped_lock lock(handingOver_, mutex_);
    feeding_ = false;
    lostAtEnd = std::exchange(pending_, {});
  }
  if (encoder) {
    lostAtEnd += encoder->drain(kDrainLimit);
    encoder->stop();
  }
  RecordingSummary summary = recorder->finish(reason, lostAtEnd);
  {
    const std::lock_guard lock(mutex_);
    recorder_.reset();
    encoder_.reset();
    encoderInfo_.reset();
    written_ += summary.written;
    for (const Stage stage : {Stage::Encoder, Stage::Writer}) {
      losses_[stage] += summary.losses[stage];
    }
  }
  return summary;
}

// ---- Any thread -------------------------------------------------------------------------------

PipelineStatus Pipeline::status() const {
  PipelineStatus status;
  std::shared_ptr<Recorder> recorder;
  std::shared_ptr<Encoder> encoder;
  {
    const std::lock_guard lock(mutex_);
    status.camera = camera_;
    status.captured = captured_;
    status.written = written_;
    status.losses = losses_;
    status.encoder = encoderInfo_;
    recorder = recorder_;
    encoder = encoder_;
  }
  if (encoder) status.encoderReport = encoder->report();
  status.preview = previewer_.counts();
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

std::shared_ptr<FrameSource> Pipeline::source() const {
  const std::lock_guard lock(mutex_);
  return source_;
}

}  // namespace pimon
