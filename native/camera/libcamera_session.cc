#include "camera/libcamera_session.h"

#include <libcamera/control_ids.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "camera/libcamera_metadata.h"
#include "support/clock.h"

namespace pimon {

namespace {

using FrameStatus = libcamera::FrameMetadata::Status;

// Frames the camera gives while it finds its exposure. By exclusion, because the status for it has
// a name only from 0.5.2 on.
bool isStartup(FrameStatus status) {
  return status != FrameStatus::FrameSuccess && status != FrameStatus::FrameError &&
         status != FrameStatus::FrameCancelled;
}

}  // namespace

LibcameraSession::LibcameraSession(const Setup& setup, LibcameraControls& controls,
                                   FrameListener& listener)
    : camera_(setup.camera),
      controls_(controls),
      listener_(listener),
      fps_(setup.fps),
      hasRate_(!setup.isVirtual &&
               setup.camera->controls().count(libcamera::controls::FrameDurationLimits.id()) > 0),
      mainStream_(setup.configuration.at(0).stream()),
      previewStream_(setup.configuration.size() > 1 ? setup.configuration.at(1).stream() : nullptr),
      isVirtual_(setup.isVirtual) {
  makeSlots(setup.configuration, setup.buffers);
}

void LibcameraSession::makeSlots(const libcamera::CameraConfiguration& configuration,
                                 unsigned buffers) {
  for (const libcamera::StreamConfiguration& stream : configuration) {
    buffers_.emplace_back(camera_, stream.stream(), buffers, isVirtual_);
  }
  size_t count = buffers;
  for (const StreamBuffers& stream : buffers_) count = std::min(count, stream.all().size());

  for (size_t i = 0; i < count; ++i) {
    Slot slot{.request = camera_->createRequest(i), .memory = nullptr};
    if (!slot.request) throw Error("camera-lost", "The camera takes no requests any more.");
    auto memory = std::make_shared<Memory>();
    libcamera::FrameBuffer* main = buffers_[0].all()[i];
    slot.request->addBuffer(mainStream_, main);
    memory->main = std::make_unique<FrameMemory>(*main, configuration.at(0));
    if (previewStream_ != nullptr) {
      libcamera::FrameBuffer* preview = buffers_[1].all()[i];
      slot.request->addBuffer(previewStream_, preview);
      memory->preview = std::make_unique<FrameMemory>(*preview, configuration.at(1));
    }
    slot.memory = std::move(memory);
    slots_.push_back(std::move(slot));
  }
}

libcamera::ControlList LibcameraSession::startControls() {
  libcamera::ControlList controls = controls_.takeAll();
  if (hasRate_) {
    const int64_t duration = std::llround(1e6 / fps_);
    controls.set(libcamera::controls::FrameDurationLimits,
                 libcamera::Span<const int64_t, 2>({duration, duration}));
  }
  return controls;
}

void LibcameraSession::start() {
  camera_->requestCompleted.connect(this, &LibcameraSession::completed);
  camera_->disconnected.connect(this, &LibcameraSession::disconnected);
  const libcamera::ControlList controls = startControls();
  if (const int result = camera_->start(&controls); result < 0) {
    stop();
    throw Error("camera-lost", systemMessage("The camera did not start", -result));
  }
  {
    const std::lock_guard lock(mutex_);
    running_ = true;
    for (size_t i = 0; i < slots_.size(); ++i) isVirtual_ ? idle_.push_back(i) : queue(i);
  }
  if (isVirtual_) {
    pacer_.start(
        "camera-pacer", [this] { pace(); },
        [this](const Error& error) {
          const std::lock_guard delivering(delivering_);
          fail(error);
        });
  }
}

void LibcameraSession::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_one();
  pacer_.join();
  if (camera_) camera_->stop();  // every request comes back cancelled before this returns
  // Of a camera that was unplugged it does not wait: a call may still be under way.
  const std::lock_guard delivering(delivering_);
  const std::lock_guard lock(mutex_);
  if (!camera_) return;
  camera_->requestCompleted.disconnect(this);
  camera_->disconnected.disconnect(this);
  slots_.clear();
  buffers_.clear();
  camera_.reset();
}

void LibcameraSession::completed(libcamera::Request* request) {
  const std::lock_guard delivering(delivering_);
  const bool cancelled = request->status() != libcamera::Request::RequestComplete;
  const auto index = static_cast<size_t>(request->cookie());
  bool starved = false;
  bool nothingLeft = false;
  {
    const std::lock_guard lock(mutex_);
    if (!running_) return;
    nothingLeft = --queued_ == 0;
    if (cancelled) {
      cancelled_.push_back(index);
    } else {
      starved = std::exchange(starved_, nothingLeft);
      for (const size_t other : std::exchange(cancelled_, {})) giveBack(other);
    }
  }
  if (failed_) return;
  try {
    if (!cancelled) {
      deliver(index, starved);
    } else if (nothingLeft) {
      // So ends "Camera frontend has timed out": libcamera lets go of everything and says no more.
      fail(Error("camera-lost",
                 "The camera has stopped delivering. Check its cable, then start it again."));
    }
  } catch (const std::exception& error) {
    fail(Error("internal", std::string("A frame could not be handed on: ") + error.what()));
  }
}

void LibcameraSession::disconnected() {
  const std::lock_guard delivering(delivering_);
  {
    const std::lock_guard lock(mutex_);
    if (!running_) return;
  }
  fail(Error("camera-lost", "The camera was unplugged. Plug it in, then start it again."));
}

void LibcameraSession::fail(const Error& error) {
  if (!std::exchange(failed_, true)) listener_.onSourceError(error);
}

void LibcameraSession::deliver(size_t index, bool starved) {
  const Slot& slot = slots_[index];
  const libcamera::FrameBuffer* main = slot.request->findBuffer(mainStream_);
  const FrameStatus status = main->metadata().status;
  if (isStartup(status)) return release(index);

  FrameInfo info = readInfo(*slot.request, *main);
  const FrameLoss::Arrival arrival = arrivalOf(slot, info);
  // A sensor that has no request to fill loses its frames because they were not given back in time.
  const Stage stage = starved || isVirtual_ ? Stage::Source : Stage::Sensor;
  if (arrival.lost > 0) listener_.onLost(stage, arrival.lost);
  if (status != FrameStatus::FrameSuccess) {
    listener_.onLost(Stage::Sensor, 1);
    return release(index);
  }
  info.sequence = arrival.sequence;
  info.sensorNs = arrival.sensorNs;
  const bool hasPreview =
      previewStream_ != nullptr &&
      slot.request->findBuffer(previewStream_)->metadata().status == FrameStatus::FrameSuccess;
  listener_.onFrame(frameOf(index, info, hasPreview));
}

FrameLoss::Arrival LibcameraSession::arrivalOf(const Slot& slot, FrameInfo& info) {
  if (isVirtual_) {
    // It stamps a frame when it is asked for, and counts only those: the clock's ticks are better.
    info.sensorNs = monotonicNs();
    info.wallUs = wallUsAt(info.sensorNs);
    return loss_.arrived(static_cast<uint32_t>(slot.tick), info.sensorNs, 0);
  }
  const auto askedNs = hasRate_ ? std::llround(1e9 / fps_) : 0;
  const auto sequence = slot.request->findBuffer(mainStream_)->metadata().sequence;
  return loss_.arrived(sequence, info.sensorNs,
                       std::max<int64_t>(askedNs, readDurationNs(*slot.request)));
}

FramePtr LibcameraSession::frameOf(size_t index, const FrameInfo& info, bool hasPreview) {
  const std::shared_ptr<const Memory> memory = slots_[index].memory;
  memory->main->beginRead();
  if (hasPreview) memory->preview->beginRead();
  auto frame = std::make_unique<Frame>();
  frame->info = info;
  frame->main = memory->main->picture();
  if (hasPreview) frame->preview = memory->preview->picture();
  frame->bufferIndex = static_cast<int>(index);
  frame->dmabufFd = memory->main->dmabufFd();

  const auto goHome = [session = weak_from_this(), memory, index](const Frame* done) {
    memory->main->endRead();
    if (done->preview) memory->preview->endRead();
    std::default_delete<const Frame>()(done);
    if (const auto home = session.lock()) home->release(index);
  };
  return {frame.release(), goHome};
}

void LibcameraSession::release(size_t index) {
  const std::lock_guard lock(mutex_);
  if (running_) giveBack(index);
}

void LibcameraSession::giveBack(size_t index) {
  slots_[index].request->reuse(libcamera::Request::ReuseBuffers);
  if (isVirtual_) {
    idle_.push_back(index);
  } else {
    queue(index);
  }
}

void LibcameraSession::queue(size_t index) {
  libcamera::Request& request = *slots_[index].request;
  controls_.takeNew(request.controls());
  if (camera_->queueRequest(&request) == 0) {
    ++queued_;
  } else {
    cancelled_.push_back(index);
  }
}

void LibcameraSession::pace() {
  const std::chrono::steady_clock::time_point beginning{std::chrono::nanoseconds(monotonicNs())};
  for (uint64_t tick = 1;; ++tick) {
    const std::chrono::nanoseconds elapsed(std::llround(static_cast<double>(tick) * 1e9 / fps_));
    std::unique_lock lock(mutex_);
    if (changed_.wait_until(lock, beginning + elapsed, [this] { return !running_; })) return;
    // Like a sensor it goes on without a buffer; the gap in the ticks tells of the lost frame.
    if (idle_.empty()) continue;
    const size_t index = idle_.back();
    idle_.pop_back();
    slots_[index].tick = tick;
    queue(index);
  }
}

}  // namespace pimon
