#include "camera/synthetic_source.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "camera/buffer_pool.h"
#include "camera/control_check.h"
#include "camera/stamp.h"
#include "support/clock.h"

namespace pimon {

namespace {

constexpr int kMinWidth = 320;
constexpr int kMinHeight = 180;
constexpr int kMaxWidth = 4096;
constexpr int kMaxHeight = 2304;
constexpr double kMaxFps = 240;
// Luma steps for a Brightness of 1.
constexpr double kBrightnessSteps = 100;
// The least height for which Rec. 709 is the custom.
constexpr int kHighDefinition = 720;

int fit(int value, int least, int most) { return std::clamp(value, least, most) & ~1; }

Picture pictureOf(const Canvas& canvas) {
  return {.format = PixelFormat::Yuv420,
          .width = canvas.width,
          .height = canvas.height,
          .planes = {Plane{canvas.y.data, canvas.y.stride}, Plane{canvas.u.data, canvas.u.stride},
                     Plane{canvas.v.data, canvas.v.stride}}};
}

}  // namespace

SyntheticSource::SyntheticSource() : info_(camera()) {}

SyntheticSource::~SyntheticSource() { stop(); }

CameraInfo SyntheticSource::camera() {
  return {.id = "synthetic", .model = "synthetic", .location = "", .source = "synthetic"};
}

StreamFormat SyntheticSource::configure(const SourceConfig& config) {
  if (config.sync != CameraSync::Off) throw syncRefused();
  format_ = {.size = {fit(config.size.width, kMinWidth, kMaxWidth),
                      fit(config.size.height, kMinHeight, kMaxHeight)},
             .fps = std::clamp(config.fps, 0.1, kMaxFps),
             .pixelFormat = PixelFormat::Yuv420,
             .colourSpace = config.size.height >= kHighDefinition ? ColourSpace::Rec709
                                                                  : ColourSpace::Smpte170m,
             .preview = std::nullopt,
             .stride = fit(config.size.width, kMinWidth, kMaxWidth),
             .buffers = config.buffers};
  scene_ = std::make_unique<SyntheticScene>(format_.size.width, format_.size.height);
  return format_;
}

void SyntheticSource::start(FrameListener& listener) {
  pool_ = std::make_shared<BufferPool>(format_.buffers, format_.size.width, format_.size.height);
  stopping_ = false;
  worker_.start(
      "synthetic", [this, &listener] { run(listener); },
      [&listener](const Error& error) { listener.onSourceError(error); }, Priority::Camera);
}

void SyntheticSource::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  worker_.join();
  pool_.reset();
}

bool SyntheticSource::waitUntil(int64_t instantNs) {
  // steady_clock is CLOCK_MONOTONIC on Linux.
  const std::chrono::steady_clock::time_point instant{std::chrono::nanoseconds(instantNs)};
  std::unique_lock lock(mutex_);
  return !changed_.wait_until(lock, instant, [this] { return stopping_; });
}

std::optional<Fault> SyntheticSource::takeFault() {
  const std::lock_guard lock(mutex_);
  if (faults_.empty()) return std::nullopt;
  Fault& next = faults_.front();
  const Fault fault = next;
  if (--next.count <= 0) faults_.pop_front();
  return fault;
}

void SyntheticSource::run(FrameListener& listener) {
  const double interval = 1e9 / format_.fps;
  const int64_t beginning = monotonicNs();
  const auto dueAt = [&](uint64_t sequence) {
    return beginning + std::llround(static_cast<double>(sequence) * interval);
  };
  const auto lastDue = [&] {
    return static_cast<uint64_t>(static_cast<double>(monotonicNs() - beginning) / interval);
  };
  for (uint64_t sequence = 1;; ++sequence) {
    // As a sensor needs its buffer while it exposes, the frame is drawn before it is due.
    const std::shared_ptr<Frame> frame = draw(dueAt(sequence));
    if (!waitUntil(dueAt(sequence))) return;

    // A sensor goes on by itself while the machine is busy, as long as there are buffers.
    const uint64_t newest = lastDue();
    const uint64_t oldestKept = newest - std::min<uint64_t>(newest, format_.buffers - 1);
    if (oldestKept > sequence) {
      listener.onLost(Stage::Source, oldestKept - sequence);
      sequence = oldestKept;
    }

    const std::optional<Fault> fault = takeFault();
    if (fault && fault->kind == Fault::Kind::Fail) {
      listener.onSourceError(Error("camera-lost", "The synthetic camera was told to fail."));
      return;
    }
    if (fault && fault->kind == Fault::Kind::DropAtSensor) {
      listener.onLost(Stage::Sensor, 1);
      continue;
    }
    if (fault) {  // Delay or Stall
      if (!waitUntil(dueAt(sequence) + int64_t{fault->milliseconds} * 1'000'000)) return;
      const uint64_t next = lastDue();
      if (fault->kind == Fault::Kind::Stall && next > sequence) {
        listener.onLost(Stage::Sensor, next - sequence);
        sequence = next;
      }
    }
    if (!frame) {
      listener.onLost(Stage::Source, 1);
      continue;
    }
    frame->info.sequence = sequence;
    frame->info.sensorNs = dueAt(sequence);
    frame->info.wallUs = wallUsAt(frame->info.sensorNs);
    drawStamp(pool_->canvas(frame->bufferIndex), stampOf(frame->info));
    listener.onFrame(frame);
  }
}

std::shared_ptr<Frame> SyntheticSource::draw(int64_t instantNs) {
  const std::optional<int> index = pool_->take();
  if (!index) return nullptr;
  const Canvas canvas = pool_->canvas(*index);
  const double seconds = static_cast<double>(instantNs) / 1e9;
  const SyntheticExposure::State exposure = exposure_.at(seconds);
  const auto brightness = static_cast<int>(std::lround(brightness_ * kBrightnessSteps));
  scene_->draw(canvas, seconds, brightness + exposure.steps);
  const auto giveBack = [pool = pool_](const Frame* frame) {
    pool->giveBack(frame->bufferIndex);
    std::default_delete<const Frame>()(frame);
  };
  auto frame = std::make_unique<Frame>();
  frame->info.exposureUs = static_cast<int32_t>(std::lround(exposure.exposureUs));
  frame->info.gain = static_cast<float>(exposure.gain);
  frame->main = pictureOf(canvas);
  frame->bufferIndex = *index;
  return {frame.release(), giveBack};
}

std::vector<ControlInfo> SyntheticSource::controls() const {
  std::vector<ControlInfo> controls = exposure_.controls();
  controls.push_back({.id = "Brightness",
                      .type = ControlType::Number,
                      .min = -1,
                      .max = 1,
                      .defaultValue = 0.0,
                      .value = brightness_.load()});
  return controls;
}

void SyntheticSource::setControls(const ControlValues& values) {
  const std::vector<ControlInfo> known = controls();
  for (const auto& [id, value] : values) {
    const auto control = std::find_if(known.begin(), known.end(),
                                      [&id = id](const ControlInfo& one) { return one.id == id; });
    if (control == known.end()) {
      throw Error("invalid-value", "The synthetic camera has no control " + id + ".",
                  "controls." + id);
    }
    checkControl(*control, value);
  }
  exposure_.set(values);
  const auto brightness = values.find("Brightness");
  if (brightness != values.end()) brightness_ = std::get<double>(brightness->second);
}

void SyntheticSource::inject(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(fault);
}

}  // namespace pimon
