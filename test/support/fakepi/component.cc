#include "component.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstring>

#include "faults.h"
#include "firmware_limits.h"
#include "pace.h"
#include "stats.h"

namespace fakepi {

using namespace std::chrono_literals;

namespace {

// Without repeated headers the firmware gives up after so many frames (linux#4520).
constexpr int64_t framesWithoutRepeat = 20'000;
// How long a coded picture may wait for a CAPTURE buffer before strict mode calls it starvation.
constexpr auto starvation = 1500ms;
// The driver's COMPLETE_TIMEOUT.
constexpr auto flushTimeout = 2s;

// A filler data NAL unit (type 12) that makes the picture larger than `limit`.
void padBeyond(size_t limit, std::vector<uint8_t>& bytes) {
  constexpr uint8_t start[] = {0, 0, 0, 1, 0x0c};
  bytes.insert(bytes.end(), std::begin(start), std::end(start));
  bytes.insert(bytes.end(), std::max<size_t>(limit + 1000, bytes.size()) - bytes.size(), 0xff);
  bytes.push_back(0x80);
}

}  // namespace

Component::Component(DeviceState& state) : state_(state) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), "fakepi");
}

Component::~Component() {
  {
    std::lock_guard lock(state_.mutex);
    stopping_ = true;
    state_.changed.notify_all();
  }
  thread_.join();
}

void Component::flush(Lock& lock, bool input) {
  if (stalled_ && !flushedStalled_) {
    flushedStalled_ = true;
    lock.unlock();
    std::this_thread::sleep_for(scaled(flushTimeout));
    lock.lock();
  }
  state_.changed.notify_all();
  if (input) state_.changed.wait(lock, [this] { return !working_; });
}

void Component::run() {
  Lock lock(state_.mutex);
  while (true) {
    state_.changed.wait(lock, [this] { return stopping_ || hasWork(); });
    if (stopping_) return;
    working_ = true;
    if (state_.output.hasQueued()) {
      encodeNext(lock);
    } else {
      deliverLast(lock);
    }
    working_ = false;
    state_.changed.notify_all();
  }
}

bool Component::hasWork() const {
  if (stalled_ || !state_.output.streaming() || state_.output.failed()) return false;
  const auto kept = static_cast<size_t>(number(Fault::KeepLast, 0));
  if (state_.output.hasQueued()) return state_.output.queuedCount() > kept;
  return state_.stopRequested;
}

// Faults that concern the device as a whole.
bool Component::misbehaves() {
  const bool repeats = state_.controls.value(V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER) != 0;
  const bool worn = !repeats && framesOfStream_ >= framesWithoutRepeat;
  if (worn || strikes(Fault::Stall)) {
    stalled_ = true;
    ++stats().stalls;
    return true;
  }
  if (!strikes(Fault::Eio)) return false;
  state_.output.fail();
  state_.capture.fail();
  state_.readiness.raise(true, true);
  return true;
}

bool Component::wantsKey() {
  const int64_t period = std::max(0, state_.controls.value(V4L2_CID_MPEG_VIDEO_H264_I_PERIOD));
  const bool asked = state_.controls.takeKeyRequest();
  const bool due = period > 0 && framesSinceKey_ >= period;
  return asked || due || framesOfStream_ == 0 || settings_.fourcc == V4L2_PIX_FMT_MJPEG;
}

bool Component::wantsHeaders(bool key) {
  const bool joined = state_.controls.value(V4L2_CID_MPEG_VIDEO_HEADER_MODE) ==
                      V4L2_MPEG_VIDEO_HEADER_MODE_JOINED_WITH_1ST_FRAME;
  const bool repeats = state_.controls.value(V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER) != 0;
  const bool wanted = framesOfStream_ == 0 ? joined : key && repeats;
  return wanted && headersSent_++ < number(Fault::HeadersStop, INT64_MAX);
}

// What x264 cannot change in midstream waits for a keyframe.
void Component::prepareCodec(bool key) {
  const CodecSettings wanted = CodecSettings::of(state_.formats, state_.controls);
  if (codec_ == nullptr || (key && !wanted.sameStream(settings_))) {
    codec_ = wanted.fourcc == V4L2_PIX_FMT_MJPEG ? makeJpeg(wanted) : makeH264(wanted);
    settings_ = wanted;
  } else if (wanted.bitrate != settings_.bitrate) {
    codec_->setBitrate(wanted.bitrate);
    settings_.bitrate = wanted.bitrate;
  }
}

// Buffers that are no picture, ahead of the one to come. Their timestamp is what becomes of MMAL's
// "unknown" when it is reckoned into nanoseconds: 0.
void Component::addStrayBuffers(std::vector<Coded>& coded) {
  const bool first = framesOfStream_ == 0;
  if (first && text(Fault::BadFirst) == "garbage") {
    coded.push_back({.bytes = std::vector<uint8_t>(999, 0x5a)});
    ++stats().bad_first;
  }
  const bool separate = state_.controls.value(V4L2_CID_MPEG_VIDEO_HEADER_MODE) ==
                        V4L2_MPEG_VIDEO_HEADER_MODE_SEPARATE;
  if (((first && separate) || strikes(Fault::HeaderOnly)) && !codec_->headers().empty()) {
    coded.push_back({.bytes = codec_->headers()});
    ++stats().header_only;
  }
}

void Component::encodeNext(Lock& lock) {
  if (misbehaves()) return;
  if (fresh_) {
    fresh_ = false;
    codec_.reset();
    framesOfStream_ = framesSinceKey_ = headersSent_ = 0;
  }
  Buffer& frame = state_.output.take();
  ++stats().frames_in;
  if (frame.imported == 0) ++stats().frames_mapped;
  const v4l2_pix_format_mplane format = state_.formats.raw();
  const int64_t blocks = macroblocks(format.width, format.height);
  const bool skipped = strikes(Fault::Skip);

  std::vector<Coded> coded;
  if (!skipped) {
    const bool key = wantsKey();
    prepareCodec(key);
    addStrayBuffers(coded);
    coded.emplace_back();
    Coded& picture = coded.back();
    picture.isPicture = true;
    picture.timestampUs = frame.timestampUs;
    if (key) picture.flags |= V4L2_BUF_FLAG_KEYFRAME;
    const bool headers = wantsHeaders(key);
    lock.unlock();
    const Picture view = viewOf(format, frame.mapping.data(), scratch_);
    codec_->encode(view, key, picture.bytes);
    if (headers) {
      picture.bytes.insert(picture.bytes.begin(), codec_->headers().begin(),
                           codec_->headers().end());
    }
    lock.lock();
    if (framesOfStream_ == 0 && text(Fault::BadFirst) == "zero") {
      picture.timestampUs = 0;
      picture.isPicture = false;
      ++stats().bad_first;
    }
    if (strikes(Fault::Split))
      padBeyond(state_.formats.coded().plane_fmt[0].sizeimage, picture.bytes);
    if (strikes(Fault::Error)) {
      picture.flags |= V4L2_BUF_FLAG_ERROR;
      picture.bytes.resize(picture.bytes.size() / 2 + 1);
      picture.isPicture = false;
      ++stats().errors;
    }
    framesSinceKey_ = key ? 1 : framesSinceKey_ + 1;
    ++framesOfStream_;
  } else {
    ++stats().skipped;
  }
  waitUntilDone(lock, blocks);
  if (isSet(Fault::Strict)) {
    strictly(sampleOf(frame.mapping) == frame.sample, "a frame was changed while it was queued");
  }
  state_.output.finish(frame);
  state_.readiness.raise(false, true);
  state_.changed.notify_all();
  for (const Coded& one : coded) {
    if (!deliver(lock, one)) return;
  }
}

void Component::waitUntilDone(Lock& lock, int64_t blocks) {
  const auto due = bookBlock(blocks);
  state_.changed.wait_until(lock, due, [this] { return stopping_ || !state_.output.streaming(); });
}

// None when OUTPUT stops, which throws away what is on its way.
Buffer* Component::waitForCapture(Lock& lock) {
  const auto ready = [this] {
    return stopping_ || !state_.output.streaming() ||
           (state_.capture.streaming() && state_.capture.hasQueued());
  };
  while (!state_.changed.wait_for(lock, starvation, ready)) {
    strictly(!state_.capture.streaming(), "no CAPTURE buffer came back in 1.5 s");
  }
  if (stopping_ || !state_.output.streaming()) return nullptr;
  return &state_.capture.take();
}

// A picture larger than a buffer goes on in the next, and nothing says so.
bool Component::deliver(Lock& lock, const Coded& coded) {
  size_t sent = 0;
  int buffers = 0;
  do {
    Buffer* buffer = waitForCapture(lock);
    if (buffer == nullptr) return false;
    const size_t part = std::min<size_t>(coded.bytes.size() - sent, buffer->length);
    std::memcpy(buffer->mapping.data(), coded.bytes.data() + sent, part);
    sent += part;
    ++buffers;
    buffer->bytesUsed = static_cast<uint32_t>(part);
    buffer->timestampUs = coded.timestampUs;
    buffer->flags = coded.flags;
    state_.capture.finish(*buffer);
    state_.readiness.raise(true, false);
    state_.changed.notify_all();
  } while (sent < coded.bytes.size());
  if (buffers > 1) ++stats().split;
  if (coded.isPicture) ++stats().frames_out;
  return true;
}

void Component::deliverLast(Lock& lock) {
  Buffer* buffer = waitForCapture(lock);
  state_.stopRequested = false;
  if (buffer == nullptr) return;
  buffer->bytesUsed = 0;
  buffer->timestampUs = 0;
  buffer->flags = V4L2_BUF_FLAG_LAST;
  state_.capture.finish(*buffer);
  state_.readiness.raise(true, false);
  state_.events.reportEndOfStream();
  state_.readiness.setPriority(state_.events.pending());
  state_.changed.notify_all();
}

}  // namespace fakepi
