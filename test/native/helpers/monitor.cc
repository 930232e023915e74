#include "helpers/monitor.h"

#include <atomic>

#include "camera/synthetic_source.h"
#include "helpers/requests.h"

namespace pimon {

namespace {

// Pipeline makes its source by a plain function: what the test keeps of it is here.
std::unique_ptr<FrameLog> cameraLog;
std::atomic<int> starts;

// The synthetic camera, whose frames are written down on their way to the pipeline.
class WatchedCamera final : public FrameSource, private FrameListener {
 public:
  const CameraInfo& info() const override { return camera_.info(); }
  StreamFormat configure(const SourceConfig& config) override { return camera_.configure(config); }
  void start(FrameListener& listener) override {
    ++starts;
    listener_ = &listener;
    camera_.start(*this);
  }
  void stop() override { camera_.stop(); }
  std::vector<ControlInfo> controls() const override { return camera_.controls(); }
  void setControls(const ControlValues& values) override { camera_.setControls(values); }
  void inject(const Fault& fault) override { camera_.inject(fault); }

 private:
  void onFrame(FramePtr frame) noexcept override {
    cameraLog->onFrame(frame);
    listener_->onFrame(std::move(frame));
  }
  void onLost(Stage stage, uint64_t frames) noexcept override {
    cameraLog->onLost(stage, frames);
    listener_->onLost(stage, frames);
  }
  void onSourceError(const Error& error) noexcept override { listener_->onSourceError(error); }

  FrameListener* listener_ = nullptr;
  SyntheticSource camera_;
};

std::unique_ptr<FrameSource> openWatched(const std::string& /*id*/) {
  return std::make_unique<WatchedCamera>();
}

}  // namespace

Monitor::Monitor(Pipeline::ChooseEncoder chooseEncoder) {
  cameraLog = std::make_unique<FrameLog>();
  starts = 0;
  PipelineListener& listener = *this;
  pipeline_ = std::make_unique<Pipeline>(listener, openWatched, chooseEncoder);
}

Monitor::~Monitor() = default;

FrameLog& Monitor::camera() { return *cameraLog; }

int Monitor::cameraStarts() { return starts; }

void Monitor::start(double fps, int width, int height) {
  control([&] {
    return pipeline_->start(
        {.id = "synthetic", .config = {.size = {width, height}, .fps = fps, .preview = {}}});
  });
}

RecordingStarted Monitor::startRecording(const std::string& path, int64_t maxDurationNs) {
  return control([&] { return pipeline_->startRecording(requestFor(path, maxDurationNs), {}); });
}

RecordingSummary Monitor::stopRecording() {
  return control([&] { return pipeline_->stopRecording(StopReason::Requested); });
}

void Monitor::stop() {
  control([&] {
    pipeline_->stop();
    return true;
  });
}

std::vector<PreviewMessage> Monitor::previews() const {
  const std::lock_guard lock(mutex_);
  return previews_;
}

std::vector<LiveMessage> Monitor::video() const {
  const std::lock_guard lock(mutex_);
  return video_;
}

void Monitor::onVideo(LiveMessage message) noexcept {
  const std::lock_guard lock(mutex_);
  video_.push_back(std::move(message));
}

void Monitor::onPreview(PreviewMessage message) noexcept {
  const std::lock_guard lock(mutex_);
  previews_.push_back(std::move(message));
}

void Monitor::onEvent(Event event) noexcept {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
}

}  // namespace pimon
