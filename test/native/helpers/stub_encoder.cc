#include "helpers/stub_encoder.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "helpers/stub_packets.h"

namespace pimon {

namespace {

std::mutex behaviourMutex;
StubEncoder::Behaviour nextBehaviour;
std::atomic<int> started;

}  // namespace

void StubEncoder::behave(const Behaviour& behaviour) {
  const std::lock_guard lock(behaviourMutex);
  nextBehaviour = behaviour;
  started = 0;
}

int StubEncoder::starts() { return started; }

StubEncoder::StubEncoder(const EncoderSettings& settings) : settings_(settings) {
  const std::lock_guard lock(behaviourMutex);
  behaviour_ = nextBehaviour;
}

StubEncoder::~StubEncoder() { stop(); }

void StubEncoder::start(const StreamFormat& format, PacketListener& listener) {
  if (behaviour_.refuse) throw Error("encoder-refused", "The stub was told to refuse.");
  ++started;
  keyframes_ = std::make_unique<KeyframeClock>(settings_.gop, format.fps);
  worker_.start(
      "encoder", [this, &listener] { run(listener); },
      [this, &listener](const Error& error) {
        jobs_.close();
        listener.onEncoderError(error);
      });
}

Submitted StubEncoder::submit(FramePtr frame, const Losses& lostBefore) noexcept {
  using Pushed = BoundedQueue<Job>::Pushed;
  switch (jobs_.push({std::move(frame), lostBefore})) {
    case Pushed::Yes:
      return Submitted::Yes;
    case Pushed::Full:
      return Submitted::Full;
    case Pushed::Closed:
      break;
  }
  return Submitted::Closed;
}

void StubEncoder::run(PacketListener& listener) {
  for (int i = 0; (inWork_ = jobs_.pop()); ++i) {
    std::this_thread::sleep_for(behaviour_.perFrame);
    if (behaviour_.failAt == i) throw Error("encoder-failed", "The stub was told to fail.");
    const FrameInfo info = inWork_->frame->info;
    const Losses lostBefore = inWork_->lostBefore;
    inWork_.reset();
    listener.onPacket(stubPacket(info, keyframes_->isDue(info.sensorNs), lostBefore));
  }
  if (behaviour_.failWhileDraining) throw Error("encoder-failed", "The stub failed at its end.");
}

Losses StubEncoder::drain(std::chrono::milliseconds /*limit*/) {
  jobs_.close();
  worker_.join();
  Losses lost;
  const auto giveUp = [&](const Job& job) {
    lost += job.lostBefore;
    ++lost[Stage::Encoder];
  };
  if (inWork_) giveUp(*inWork_);
  inWork_.reset();
  for (const Job& job : jobs_.clear()) giveUp(job);
  return lost;
}

void StubEncoder::stop() { drain({}); }

EncoderChoice stubEncoder(const EncoderSettings& settings, const StreamFormat& /*format*/) {
  return {
      .encoder = std::make_unique<StubEncoder>(settings), .reason = "for tests", .fallback = {}};
}

}  // namespace pimon
