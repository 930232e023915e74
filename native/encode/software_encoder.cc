#include "encode/software_encoder.h"

#include <algorithm>
#include <cmath>
#include <optional>

extern "C" {
#include <libavutil/opt.h>
}

namespace pimon {

namespace {

// x264 must not put keyframes of its own between ours.
constexpr int kNoOwnKeyframes = 1 << 30;
// Sensor timestamps reach the codec in microseconds.
constexpr AVRational kMicroseconds{1, 1'000'000};

AvPtr<AVCodecContext> openCodec(const EncoderSettings& settings, const StreamFormat& format) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr) {
    throw Error("encoder-unavailable",
                "This system's libavcodec has no libx264: install the distribution's full one.");
  }
  AvPtr<AVCodecContext> context(avcodec_alloc_context3(codec));
  if (!context) throw std::bad_alloc();
  context->width = format.size.width;
  context->height = format.size.height;
  context->pix_fmt = format.pixelFormat == PixelFormat::Nv12 ? AV_PIX_FMT_NV12 : AV_PIX_FMT_YUV420P;
  context->time_base = kMicroseconds;
  context->framerate = av_d2q(format.fps, 100'000);
  context->gop_size = kNoOwnKeyframes;
  context->max_b_frames = 0;
  context->thread_count = settings.threads;
  context->thread_type = FF_THREAD_SLICE;
  const bool rec709 = format.colourSpace == ColourSpace::Rec709;
  context->color_range = AVCOL_RANGE_MPEG;
  context->color_primaries = rec709 ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
  context->color_trc = rec709 ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
  context->colorspace = rec709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;

  AVDictionary* options = nullptr;
  av_dict_set(&options, "preset", settings.preset.c_str(), 0);
  av_dict_set(&options, "tune", "zerolatency", 0);
  av_dict_set_int(&options, "crf", settings.quality, 0);
  if (settings.mostBitrate > 0) {
    context->rc_max_rate = settings.mostBitrate;
    context->rc_buffer_size = settings.mostBitrate / 2;
  }
  av_dict_set(&options, "forced-idr", "1", 0);
  av_dict_set(&options, "sc_threshold", "0", 0);
  const int result = avcodec_open2(context.get(), codec, &options);
  av_dict_free(&options);
  if (result < 0) throw Error("encoder-refused", avMessage("libx264 refused its settings", result));
  return context;
}

// Lets libavcodec hold the frame's own memory, and the frame, for as long as it wants.
AvPtr<AVFrame> wrap(const FramePtr& frame) {
  AvPtr<AVFrame> wrapped(av_frame_alloc());
  if (!wrapped) throw std::bad_alloc();
  const Picture& picture = frame->main;
  wrapped->format = picture.format == PixelFormat::Nv12 ? AV_PIX_FMT_NV12 : AV_PIX_FMT_YUV420P;
  wrapped->width = picture.width;
  wrapped->height = picture.height;
  for (size_t i = 0; i < picture.planes.size(); ++i) {
    // libav's interface is not const, but an encoder's input is only read.
    wrapped->data[i] = const_cast<uint8_t*>(picture.planes[i].data);
    wrapped->linesize[i] = picture.planes[i].stride;
  }
  auto held = std::make_unique<FramePtr>(frame);
  const auto letGo = [](void* opaque, uint8_t*) {
    const std::unique_ptr<FramePtr> last(static_cast<FramePtr*>(opaque));
  };
  const auto lumaBytes = static_cast<size_t>(wrapped->linesize[0]) * picture.height;
  wrapped->buf[0] =
      av_buffer_create(wrapped->data[0], lumaBytes, letGo, held.get(), AV_BUFFER_FLAG_READONLY);
  if (wrapped->buf[0] == nullptr) throw std::bad_alloc();
  held.release();  // NOLINT(bugprone-unused-return-value): the buffer owns it now
  return wrapped;
}

void check(int result) {
  if (result < 0) throw Error("encoder-refused", avMessage("libx264", result));
}

}  // namespace

SoftwareEncoder::SoftwareEncoder(EncoderSettings settings) : settings_(std::move(settings)) {}

SoftwareEncoder::~SoftwareEncoder() { stop(); }

int SoftwareEncoder::capacity() const { return capacity_; }

void SoftwareEncoder::start(const StreamFormat& format, PacketListener& listener) {
  quietAv();
  openAtPriority(format);
  packet_.reset(av_packet_alloc());
  if (!packet_) throw std::bad_alloc();
  keyframes_ = std::make_unique<KeyframeClock>(settings_.gop, format.fps);
  capacity_ = framesToHold(format);
  jobs_ = std::make_unique<BoundedQueue<Job>>(std::max(1, capacity_ - 1));  // one is in the codec
  quality_ = settings_.quality;
  finished_ = false;
  givenUp_ = {};
  worker_.start(
      "encoder", [this, &listener] { run(listener); },
      [this, &listener](const Error& error) {
        jobs_->close();
        listener.onEncoderError(error);
        const std::lock_guard lock(mutex_);
        finished_ = true;
        ended_.notify_all();
      },
      settings_.priority);
}

// x264's threads are made with the codec, and inherit the priority of the thread that opens it.
void SoftwareEncoder::openAtPriority(const StreamFormat& format) {
  std::optional<Error> refused;
  Worker opener;
  opener.start(
      "x264", [&] { context_ = openCodec(settings_, format); },
      [&](const Error& error) { refused = error; }, settings_.priority);
  opener.join();
  if (refused) throw Error(*refused);
}

Submitted SoftwareEncoder::submit(FramePtr frame, const Losses& lostBefore) noexcept {
  using Pushed = BoundedQueue<Job>::Pushed;
  switch (jobs_->push({std::move(frame), lostBefore})) {
    case Pushed::Yes:
      return Submitted::Yes;
    case Pushed::Full:
      return Submitted::Full;
    case Pushed::Closed:
      break;
  }
  return Submitted::Closed;
}

void SoftwareEncoder::requestKeyframe() noexcept { keyframes_->request(); }

void SoftwareEncoder::apply(const EncoderSettings& settings) noexcept {
  quality_ = settings.quality;
  keyframes_->setGop(settings.gop);
}

void SoftwareEncoder::run(PacketListener& listener) {
  while (const std::optional<Job> job = jobs_->pop()) {
    send(*job);
    receive(listener);
  }
  check(avcodec_send_frame(context_.get(), nullptr));
  receive(listener);
  const std::lock_guard lock(mutex_);
  finished_ = true;
  ended_.notify_all();
}

void SoftwareEncoder::send(const Job& job) {
  const FrameInfo& info = job.frame->info;
  const int64_t pts = info.sensorNs / 1000;
  // First of all, so that a frame that fails on its way is given up like the others.
  pending_.push_back({info, job.lostBefore, pts});
  const AvPtr<AVFrame> frame = wrap(job.frame);
  frame->pts = pts;
  frame->pict_type = keyframes_->isDue(info.sensorNs) ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  // libavcodec looks at the option before each frame and passes a new value on to x264.
  av_opt_set_double(context_->priv_data, "crf", quality_, 0);
  check(avcodec_send_frame(context_.get(), frame.get()));
}

void SoftwareEncoder::receive(PacketListener& listener) {
  for (;;) {
    const int result = avcodec_receive_packet(context_.get(), packet_.get());
    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return;
    check(result);
    if (pending_.empty() || pending_.front().pts != packet_->pts) {
      throw Error("encoder-refused", "libx264 gave a picture that matches no frame.");
    }
    auto packet = std::make_shared<Packet>();
    packet->info = pending_.front().info;
    packet->lostBefore = pending_.front().lostBefore;
    packet->key = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
    packet->data.assign(packet_->data, packet_->data + packet_->size);
    av_packet_unref(packet_.get());
    pending_.pop_front();
    listener.onPacket(std::move(packet));
  }
}

Losses SoftwareEncoder::drain(std::chrono::milliseconds limit) {
  jobs_->close();
  std::unique_lock lock(mutex_);
  const bool inTime = ended_.wait_for(lock, limit, [this] { return finished_; });
  lock.unlock();
  if (!inTime) giveUp(jobs_->clear());
  worker_.join();
  giveUp(jobs_->clear());  // left by a thread that failed
  giveUp(pending_);
  pending_.clear();
  return givenUp_;
}

template <class Frames>
void SoftwareEncoder::giveUp(const Frames& frames) {
  for (const auto& frame : frames) {
    givenUp_ += frame.lostBefore;
    ++givenUp_[Stage::Encoder];
  }
}

void SoftwareEncoder::stop() {
  if (!jobs_) return;
  jobs_->close();
  jobs_->clear();
  worker_.join();
  pending_.clear();
  context_.reset();
}

}  // namespace pimon
