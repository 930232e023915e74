#include "live/small_video.h"

#include <algorithm>
#include <utility>

namespace pimon {

namespace {

// The smallest is as wide as the synthetic camera's stamp needs.
constexpr int kMostWidth = 640;
constexpr int kLeastWidth = 320;
constexpr double kMostFps = 15;
// A link of 1 Mb/s passes it with room to spare.
constexpr int kMostBitrate = 400'000;
// One is encoded while the next waits: what is shown is never older than that.
constexpr int kMostInEncoder = 2;

EncoderSettings smallSettings() {
  return {.kind = "software",
          .quality = 26,
          .mostBitrate = kMostBitrate,
          .priority = Priority::Preview};
}

StreamFormat smallFormat(const StreamFormat& camera) {
  const int width = std::clamp(camera.size.width / 2, kLeastWidth, kMostWidth);
  const Size size = previewSize(camera.size, width);
  return {.size = size,
          .fps = std::min(camera.fps, kMostFps),
          .pixelFormat = PixelFormat::Yuv420,
          .colourSpace = camera.colourSpace,
          .stride = size.width};
}

// A frame whose memory is its own.
FramePtr toFrame(SmallPicture picture, const FrameInfo& info) {
  struct Owned {
    SmallPicture picture;
    Frame frame;
  };
  auto owned = std::make_shared<Owned>(Owned{.picture = std::move(picture), .frame = {}});
  const SmallPicture& from = owned->picture;
  owned->frame.info = info;
  owned->frame.main = {.format = PixelFormat::Yuv420,
                       .width = from.width,
                       .height = from.height,
                       .planes = {{{from.y.data(), from.width},
                                   {from.u.data(), from.width / 2},
                                   {from.v.data(), from.width / 2}}}};
  return {owned, &owned->frame};
}

}  // namespace

SmallVideo::SmallVideo(ChooseEncoder chooseEncoder, Send send, Fail fail)
    : chooseEncoder_(chooseEncoder), send_(std::move(send)), fail_(std::move(fail)) {}

PlainClass SmallVideo::start(const StreamFormat& camera) {
  const StreamFormat format = smallFormat(camera);
  const PlainClass pictures{.width = format.size.width, .fps = format.fps};
  if (encoder_ && !failed_ && format == format_) return pictures;
  stop();
  format_ = format;
  muxer_.emplace(format, VideoClass::Small);
  failed_ = false;
  inEncoder_ = 0;
  EncoderChoice choice = chooseEncoder_(smallSettings(), format);
  choice.encoder->start(format, *this);
  const std::lock_guard lock(mutex_);
  encoder_ = std::move(choice.encoder);
  return pictures;
}

void SmallVideo::stop() {
  std::shared_ptr<Encoder> last;
  {
    const std::lock_guard lock(mutex_);
    last = std::exchange(encoder_, nullptr);
  }
  if (last) last->stop();
}

void SmallVideo::offer(SmallPicture picture, const FrameInfo& info) noexcept {
  const std::shared_ptr<Encoder> encoder = this->encoder();
  if (!encoder) return;
  // Counted before it is submitted, as its packet may come before submit returns.
  const bool busy = inEncoder_.fetch_add(1) >= kMostInEncoder;
  if (!busy && encoder->submit(toFrame(std::move(picture), info), {}) == Submitted::Yes) return;
  --inEncoder_;
  ++skipped_;
}

void SmallVideo::requestKeyframe() noexcept {
  if (const std::shared_ptr<Encoder> encoder = this->encoder()) encoder->requestKeyframe();
}

void SmallVideo::onPacket(PacketPtr packet) noexcept {
  --inEncoder_;
  for (LiveMessage& message : muxer_->add(*packet)) {
    if (message.type == MessageType::Mp4Fragment) ++frames_;
    send_(std::move(message));
  }
}

void SmallVideo::onEncoderError(const Error& error) noexcept {
  failed_ = true;
  fail_(error);
}

std::shared_ptr<Encoder> SmallVideo::encoder() const {
  const std::lock_guard lock(mutex_);
  return encoder_;
}

}  // namespace pimon
