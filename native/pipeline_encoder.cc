// What of the pipeline runs the one encoder that recordings, the pre-roll and live video share, and
// the small class of live video beside it. All on the control thread.
#include <utility>

#include "pipeline.h"

namespace pimon {

namespace {

// An encoder gives back what it has within a frame or two; a stuck one must not hold up a stop.
constexpr std::chrono::milliseconds kDrainLimit{1000};

}  // namespace

void Pipeline::startEncoder(EncoderChoice choice, const EncoderSettings& settings) {
  const StreamFormat& format = camera_->format;
  {
    // What another encoder made does not go together with what this one will make.
    const std::lock_guard lock(packets_);
    if (preRoll_) preRoll_->take();
  }
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
  encoderStarted_ = settings;
  const std::scoped_lock lock(handingOver_, mutex_);
  handedOver_.reset();
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

// Lets the encoder go on without the recording, which ends with the last frame handed over: waits
// for its packet. Returns the frames up to it that are lost.
Losses Pipeline::leaveEncoder() {
  Losses lost;
  {
    const std::scoped_lock lock(handingOver_, mutex_);
    lost = std::exchange(pending_, {});
    if (!handedOver_) return lost;
    feed_->endAfter(*handedOver_);
  }
  lost += feed_->waitForEnd(kDrainLimit);
  return lost;
}

void Pipeline::applyEncoderSettings(const EncoderSettings& settings) {
  if (encoder_) encoder_->apply(settings);
}

void Pipeline::setPreRoll(int64_t spanNs, const EncoderSettings& settings) {
  {
    const std::scoped_lock lock(packets_, mutex_);
    preRollNs_ = spanNs;
    preRoll_ = spanNs > 0 ? std::make_unique<PreRoll>(spanNs) : nullptr;
  }
  setStandby(settings);
}

void Pipeline::setLiveVideo(VideoClass videoClass, bool on, const EncoderSettings& settings) {
  if (videoClass == VideoClass::Small) {
    smallOn_ = on;
    if (on) {
      runSmallVideo();
    } else {
      stopSmallVideo();
    }
    return;
  }
  liveOn_ = on;
  if (!on) {
    const std::lock_guard lock(packets_);
    live_.reset();
  }
  setStandby(settings);
}

void Pipeline::setStandby(const EncoderSettings& settings) {
  standby_ = settings;
  if (!recorder_ && encoder_) {
    if (isSameEncoder(encoderStarted_, settings)) {
      encoder_->apply(settings);
    } else {
      stopEncoder();
    }
  }
  standBy();
}

void Pipeline::standBy() {
  if (!camera_) return;
  if (liveOn_) {
    const std::lock_guard lock(packets_);
    if (!live_) live_.emplace(camera_->format);
  }
  if (recorder_) return;
  if (!encoderIsWanted()) {
    stopEncoder();
  } else if (!encoder_) {
    startEncoder(chooseEncoder_(standby_, camera_->format), standby_);
  } else {
    encoder_->apply(standby_);  // a recording may have had others
  }
}

void Pipeline::runSmallVideo() {
  if (smallOn_ && camera_) previewer_.setPlain(small_.start(camera_->format));
}

void Pipeline::stopSmallVideo() {
  previewer_.setPlain({});
  small_.stop();
}

void Pipeline::resumeStandby() noexcept {
  for (const auto resume : {&Pipeline::standBy, &Pipeline::runSmallVideo}) {
    try {
      (this->*resume)();
    } catch (const Error& error) {
      listener_.onEvent(ErrorEvent{error.code(), error.what()});
    }
  }
}

}  // namespace pimon
