#include "encode/v4l2_encoder.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace pimon {

namespace {

// A stuck device that does not come back by being reopened will not come back at all.
constexpr int kMostReopenings = 2;
// The longest silence is never shorter than this many frames.
constexpr int kSilentFrames = 5;

int64_t timestampOf(const FrameInfo& info) { return info.sensorNs / 1000; }

}  // namespace

V4l2Encoder::V4l2Encoder(std::string path, EncoderSettings settings,
                         std::chrono::milliseconds silence)
    : path_(std::move(path)), silence_(silence), settings_(std::move(settings)) {}

V4l2Encoder::~V4l2Encoder() { stop(); }

void V4l2Encoder::start(const StreamFormat& format, PacketListener& listener) {
  format_ = format;
  capacity_ = framesToHold(format);
  held_.assign(format.buffers, nullptr);
  plan_ = planFor(format, settings_);
  keyframes_.reset(settings_.gop, format.fps);
  // Here, so that what the firmware refuses is told to who starts.
  open();
  {
    const std::lock_guard lock(mutex_);
    closed_ = draining_ = stopping_ = finished_ = false;
  }
  worker_.start(
      "encoder", [this, &listener] { run(listener); },
      [this, &listener](const Error& error) { fail(error, listener); }, Priority::Recording);
}

Submitted V4l2Encoder::submit(FramePtr frame, const Losses& lostBefore) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Submitted::Closed;
    if (inside_ >= capacity_) return Submitted::Full;
    ++inside_;
    jobs_.push_back({std::move(frame), lostBefore});
  }
  wake_.wake();
  return Submitted::Yes;
}

void V4l2Encoder::apply(const EncoderSettings& settings) noexcept {
  const std::lock_guard lock(mutex_);
  settings_ = settings;
}

EncoderReport V4l2Encoder::report() const {
  const std::lock_guard lock(mutex_);
  return {.device = path_, .bytesCopied = bytesCopied_, .note = copying_};
}

// ---- The encoder's thread ---------------------------------------------------------------------

void V4l2Encoder::run(PacketListener& listener) {
  while (!done()) {
    std::array<pollfd, 2> fds{{{.fd = device_->fd(), .events = POLLIN | POLLOUT, .revents = 0},
                               {.fd = wake_.get(), .events = POLLIN, .revents = 0}}};
    ::poll(fds.data(), fds.size(), pollLimitMs());
    wake_.clear();
    std::string trouble;
    try {
      // Neither waits for the other: the device may take a frame and give no picture.
      takePictures(listener);
      takeFrames();
      feed();
      if ((fds[0].revents & POLLERR) != 0 && !sawEnd_) {
        trouble = "it reports an error";
      } else if (giveUpAt().value_or(Clock::time_point::max()) <= Clock::now()) {
        trouble = "it gives nothing any more";
      }
    } catch (const Error& error) {
      if (error.code() != "encoder-failed") throw;
      trouble = error.what();
    }
    if (!trouble.empty()) reopen(trouble);
  }
  for (BitstreamJoiner::Picture& picture : joiner_.flush()) emit(std::move(picture), listener);
  while (!pending_.empty()) loseOldest();
  device_.reset();
  held_.assign(held_.size(), nullptr);
  const std::lock_guard lock(mutex_);
  finished_ = true;
  ended_.notify_all();
}

void V4l2Encoder::open() {
  device_ = std::make_unique<V4l2Device>(path_, format_, plan_, static_cast<int>(held_.size()));
  askedForEnd_ = sawEnd_ = false;
  lastSign_ = Clock::now();
}

void V4l2Encoder::reopen(const std::string& why) {
  if (++reopenings_ > kMostReopenings) {
    throw Error("encoder-failed", "The hardware encoder is stuck: " + why + ".");
  }
  while (!pending_.empty()) loseOldest();
  joiner_ = {};
  device_.reset();
  for (FramePtr& frame : held_) {
    if (std::exchange(frame, nullptr)) --inside_;
  }
  open();
  keyframes_.request();
}

void V4l2Encoder::feed() {
  for (;;) {
    Job job;
    {
      const std::lock_guard lock(mutex_);
      if (jobs_.empty()) break;
      job = jobs_.front();
    }
    tellDevice(job.frame->info);
    if (!queue(job)) break;
    const std::lock_guard lock(mutex_);
    jobs_.pop_front();
  }
  const std::lock_guard lock(mutex_);
  if (draining_ && jobs_.empty() && !askedForEnd_) askedForEnd_ = device_->askForEnd();
}

// False while there is no place for it.
bool V4l2Encoder::queue(const Job& job) {
  const Frame& frame = *job.frame;
  const std::string_view obstacle = frame.dmabufFd < 0 ? "the camera's memory is not shared"
                                    : !liesAs(frame.main, device_->stride())
                                        ? "the camera's rows have another length"
                                        : "";
  if (!copies_ && !obstacle.empty()) copyFromNowOn(obstacle);
  const std::optional<int> index = place(frame);
  if (!index) return false;

  int fd = frame.dmabufFd;
  if (copies_) {
    bytesCopied_ += copies_->copy(frame.main, *index, device_->stride());
    fd = copies_->fd(*index);
  }
  const int64_t timestampUs = timestampOf(frame.info);
  const V4l2Device::Queued queued = device_->queueFrame(*index, fd, timestampUs);
  if (queued != V4l2Device::Queued::Yes) {
    if (copies_) throw Error("encoder-refused", "The hardware encoder refuses contiguous memory.");
    copyFromNowOn(queued == V4l2Device::Queued::NotContiguous
                      ? "the camera's memory is not contiguous"
                      : "the camera's memory is none that devices share");
    return queue(job);
  }
  if (pending_.empty()) lastSign_ = Clock::now();
  held_[*index] = job.frame;
  pending_.push_back({frame.info, job.lostBefore, timestampUs});
  return true;
}

void V4l2Encoder::copyFromNowOn(std::string_view why) {
  copies_ =
      std::make_unique<ContiguousCopies>(static_cast<int>(held_.size()), device_->frameBytes());
  const std::lock_guard lock(mutex_);
  copying_ = "frames are copied, because " + std::string(why);
}

// The camera's buffer k is always the device's buffer k: the driver keeps its import.
std::optional<int> V4l2Encoder::place(const Frame& frame) const {
  if (!copies_) {
    return held_[frame.bufferIndex] ? std::nullopt : std::optional(frame.bufferIndex);
  }
  const auto free = std::find(held_.begin(), held_.end(), nullptr);
  if (free == held_.end()) return std::nullopt;
  return static_cast<int>(free - held_.begin());
}

void V4l2Encoder::tellDevice(const FrameInfo& info) {
  EncoderSettings settings;
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
  }
  const V4l2Plan wanted = planFor(format_, settings);
  if (wanted.bitrate != plan_.bitrate) device_->setBitrate(wanted.bitrate);
  if (wanted.keyframePeriod != plan_.keyframePeriod) {
    device_->setKeyframePeriod(wanted.keyframePeriod);
    keyframes_.setGop(settings.gop);
  }
  plan_.bitrate = wanted.bitrate;
  plan_.keyframePeriod = wanted.keyframePeriod;
  if (keyframes_.isDue(timestampOf(info))) device_->forceKeyframe();
}

void V4l2Encoder::takePictures(PacketListener& listener) {
  while (const std::optional<V4l2Device::Coded> coded = device_->takeCoded()) {
    sawEnd_ = sawEnd_ || coded->last;
    std::vector<BitstreamJoiner::Picture> pictures;
    if (coded->error) {
      keyframes_.request();
    } else if (!coded->data.empty()) {
      pictures = joiner_.add(coded->data, coded->timestampUs, coded->full);
    }
    if (!coded->last) device_->giveBack(*coded);
    for (BitstreamJoiner::Picture& picture : pictures) emit(std::move(picture), listener);
  }
}

void V4l2Encoder::takeFrames() {
  while (const std::optional<int> index = device_->takeFrame()) {
    held_[*index] = nullptr;
    --inside_;
  }
}

void V4l2Encoder::emit(BitstreamJoiner::Picture picture, PacketListener& listener) {
  const auto known = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& frame) {
    return frame.timestampUs == picture.timestampUs;
  });
  if (known == pending_.end()) return;  // of no frame of ours
  lastSign_ = Clock::now();
  reopenings_ = 0;
  // Pictures come in the order of the frames: the ones before it were skipped.
  while (pending_.front().timestampUs != picture.timestampUs) loseOldest();

  auto packet = std::make_shared<Packet>();
  packet->info = pending_.front().info;
  packet->lostBefore = std::exchange(carried_, {});
  packet->lostBefore += pending_.front().lostBefore;
  packet->key = picture.key;
  packet->data = std::move(picture.data);
  pending_.pop_front();
  keyframes_.came(picture.timestampUs, picture.key);
  listener.onPacket(std::move(packet));
}

void V4l2Encoder::loseOldest() {
  carried_ += pending_.front().lostBefore;
  ++carried_[Stage::Encoder];
  pending_.pop_front();
}

void V4l2Encoder::fail(const Error& error, PacketListener& listener) {
  device_.reset();
  held_.assign(held_.size(), nullptr);
  {
    const std::lock_guard lock(mutex_);
    closed_ = finished_ = true;
  }
  ended_.notify_all();
  listener.onEncoderError(error);
}

std::optional<V4l2Encoder::Clock::time_point> V4l2Encoder::giveUpAt() const {
  if (pending_.empty()) return std::nullopt;
  const std::chrono::duration<double> frames(kSilentFrames / format_.fps);
  return lastSign_ + std::max(std::chrono::ceil<std::chrono::milliseconds>(frames), silence_);
}

int V4l2Encoder::pollLimitMs() const {
  const auto limit = giveUpAt();
  if (!limit) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*limit - Clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

bool V4l2Encoder::done() {
  const std::lock_guard lock(mutex_);
  return stopping_ || (draining_ && jobs_.empty() && (pending_.empty() || sawEnd_));
}

// ---- Control ----------------------------------------------------------------------------------

Losses V4l2Encoder::drain(std::chrono::milliseconds limit) {
  {
    std::unique_lock lock(mutex_);
    closed_ = draining_ = true;
    wake_.wake();
    ended_.wait_for(lock, limit, [this] { return finished_; });
    stopping_ = true;
  }
  wake_.wake();
  worker_.join();
  // Left by a device that gave no more.
  for (const Job& job : std::exchange(jobs_, {})) {
    carried_ += job.lostBefore;
    ++carried_[Stage::Encoder];
  }
  while (!pending_.empty()) loseOldest();
  return std::exchange(carried_, {});
}

void V4l2Encoder::stop() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = stopping_ = true;
  }
  wake_.wake();
  worker_.join();
  jobs_.clear();
  pending_.clear();
  copies_.reset();
}

}  // namespace pimon
