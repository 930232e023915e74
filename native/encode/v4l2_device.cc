#include "encode/v4l2_device.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cmath>

#include "support/error.h"

namespace pimon {

namespace {

constexpr auto kFrames = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
constexpr auto kCoded = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
// Enough that the encoder never waits for one while they are copied out.
constexpr int kCodedBuffers = 12;

// A buffer and its one plane, which it points to.
struct Buffer {
  explicit Buffer(v4l2_buf_type type, v4l2_memory memory) {
    data.type = type;
    data.memory = memory;
    data.length = 1;
    data.m.planes = &plane;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() = default;

  v4l2_plane plane{};
  v4l2_buffer data{};
};

timeval timevalOf(int64_t us) { return {.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000}; }

int64_t microseconds(const timeval& time) {
  return int64_t{time.tv_sec} * 1'000'000 + time.tv_usec;
}

uint32_t fourccOf(PixelFormat format) {
  return format == PixelFormat::Nv12 ? V4L2_PIX_FMT_NV12 : V4L2_PIX_FMT_YUV420;
}

}  // namespace

V4l2Device::V4l2Device(const std::string& path, const StreamFormat& format, const V4l2Plan& plan,
                       int frames)
    : fd_(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
  if (!fd_.valid()) {
    throw Error("encoder-unavailable",
                systemMessage("The hardware encoder " + path + " cannot be opened", errno));
  }
  setControls(plan);
  setFormats(format, plan);
  makeBuffers(frames);
  stream();
}

V4l2Device::~V4l2Device() {
  for (int type : {int{kFrames}, int{kCoded}}) ::ioctl(fd_.get(), VIDIOC_STREAMOFF, &type);
  coded_.clear();
  for (const auto& [type, memory] :
       {std::pair{kFrames, V4L2_MEMORY_DMABUF}, {kCoded, V4L2_MEMORY_MMAP}}) {
    v4l2_requestbuffers none{};
    none.type = type;
    none.memory = memory;
    ::ioctl(fd_.get(), VIDIOC_REQBUFS, &none);
  }
}

void V4l2Device::setControls(const V4l2Plan& plan) {
  setControl(V4L2_CID_MPEG_VIDEO_BITRATE_MODE, V4L2_MPEG_VIDEO_BITRATE_MODE_VBR);
  setControl(V4L2_CID_MPEG_VIDEO_BITRATE, plan.bitrate);
  setControl(V4L2_CID_MPEG_VIDEO_H264_PROFILE, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH);
  setControl(V4L2_CID_MPEG_VIDEO_H264_LEVEL, plan.level);
  setControl(V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, plan.keyframePeriod);
  setControl(V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, 1);
}

void V4l2Device::setFormats(const StreamFormat& format, const V4l2Plan& plan) {
  v4l2_format frames{};
  frames.type = kFrames;
  v4l2_pix_format_mplane& raw = frames.fmt.pix_mp;
  raw.width = static_cast<uint32_t>(format.size.width);
  raw.height = static_cast<uint32_t>(format.size.height);
  raw.pixelformat = fourccOf(format.pixelFormat);
  raw.field = V4L2_FIELD_NONE;
  raw.colorspace = format.colourSpace == ColourSpace::Rec709 ? V4L2_COLORSPACE_REC709
                                                             : V4L2_COLORSPACE_SMPTE170M;
  raw.quantization = V4L2_QUANTIZATION_LIM_RANGE;
  raw.num_planes = 1;
  raw.plane_fmt[0].bytesperline = static_cast<uint32_t>(format.stride);
  call(VIDIOC_S_FMT, &frames, "The hardware encoder does not take the frames");
  // It substitutes what it cannot do and calls that success.
  if (raw.pixelformat != fourccOf(format.pixelFormat) ||
      raw.width != static_cast<uint32_t>(format.size.width) ||
      raw.height != static_cast<uint32_t>(format.size.height)) {
    throw Error("encoder-refused",
                "The hardware encoder does not take frames of this size or format.");
  }
  stride_ = static_cast<int>(raw.plane_fmt[0].bytesperline);
  frameBytes_ = raw.plane_fmt[0].sizeimage;

  v4l2_format coded{};
  coded.type = kCoded;
  v4l2_pix_format_mplane& h264 = coded.fmt.pix_mp;
  h264.width = raw.width;
  h264.height = raw.height;
  h264.pixelformat = V4L2_PIX_FMT_H264;
  h264.field = V4L2_FIELD_NONE;
  h264.num_planes = 1;
  h264.plane_fmt[0].sizeimage = static_cast<uint32_t>(plan.codedBytes);
  call(VIDIOC_S_FMT, &coded, "The hardware encoder does not give H.264");

  v4l2_streamparm rate{};
  rate.type = kFrames;
  const auto perMille = static_cast<uint32_t>(std::lround(format.fps * 1000));
  rate.parm.output.timeperframe = {.numerator = 1000, .denominator = perMille};
  call(VIDIOC_S_PARM, &rate, "The hardware encoder does not take the frame rate");
}

void V4l2Device::makeBuffers(int frames) {
  v4l2_requestbuffers input{};
  input.type = kFrames;
  input.memory = V4L2_MEMORY_DMABUF;
  input.count = static_cast<uint32_t>(frames);
  // The firmware's encoder comes into being here.
  call(VIDIOC_REQBUFS, &input, "The hardware encoder cannot be set up");

  v4l2_requestbuffers output{};
  output.type = kCoded;
  output.memory = V4L2_MEMORY_MMAP;
  output.count = kCodedBuffers;
  call(VIDIOC_REQBUFS, &output, "The hardware encoder has no memory");
  for (uint32_t i = 0; i < output.count; ++i) {
    Buffer buffer(kCoded, V4L2_MEMORY_MMAP);
    buffer.data.index = i;
    call(VIDIOC_QUERYBUF, &buffer.data, "The hardware encoder's memory cannot be asked for");
    coded_.emplace_back(fd_.get(), buffer.plane.length, PROT_READ,
                        static_cast<off_t>(buffer.plane.m.mem_offset));
    call(VIDIOC_QBUF, &buffer.data, "The hardware encoder does not take its memory");
  }
}

void V4l2Device::stream() {
  for (int type : {int{kFrames}, int{kCoded}}) {
    call(VIDIOC_STREAMON, &type, "The hardware encoder does not start");
  }
}

V4l2Device::Queued V4l2Device::queueFrame(int index, int fd, int64_t timestampUs) {
  Buffer buffer(kFrames, V4L2_MEMORY_DMABUF);
  buffer.data.index = static_cast<uint32_t>(index);
  buffer.data.field = V4L2_FIELD_NONE;
  buffer.data.timestamp = timevalOf(timestampUs);
  buffer.plane.m.fd = fd;
  buffer.plane.bytesused = static_cast<uint32_t>(frameBytes_);
  buffer.plane.length = static_cast<uint32_t>(frameBytes_);
  if (::ioctl(fd_.get(), VIDIOC_QBUF, &buffer.data) == 0) return Queued::Yes;
  if (errno == EFAULT) return Queued::NotContiguous;
  if (errno == EINVAL) return Queued::NotShared;
  throw Error("encoder-failed", systemMessage("The hardware encoder does not take a frame", errno));
}

std::optional<int> V4l2Device::takeFrame() {
  Buffer buffer(kFrames, V4L2_MEMORY_DMABUF);
  if (::ioctl(fd_.get(), VIDIOC_DQBUF, &buffer.data) == 0) {
    return static_cast<int>(buffer.data.index);
  }
  if (errno == EAGAIN) return std::nullopt;
  throw Error("encoder-failed", systemMessage("The hardware encoder keeps a frame", errno));
}

std::optional<V4l2Device::Coded> V4l2Device::takeCoded() {
  Buffer buffer(kCoded, V4L2_MEMORY_MMAP);
  if (::ioctl(fd_.get(), VIDIOC_DQBUF, &buffer.data) == 0) {
    const std::span<uint8_t> memory = coded_[buffer.data.index].bytes();
    return Coded{.index = static_cast<int>(buffer.data.index),
                 .timestampUs = microseconds(buffer.data.timestamp),
                 .error = (buffer.data.flags & V4L2_BUF_FLAG_ERROR) != 0,
                 .last = (buffer.data.flags & V4L2_BUF_FLAG_LAST) != 0,
                 .full = buffer.plane.bytesused == buffer.plane.length,
                 .data = memory.first(buffer.plane.bytesused)};
  }
  if (errno == EAGAIN || errno == EPIPE) return std::nullopt;
  throw Error("encoder-failed", systemMessage("The hardware encoder gives nothing", errno));
}

void V4l2Device::giveBack(const Coded& coded) {
  Buffer buffer(kCoded, V4L2_MEMORY_MMAP);
  buffer.data.index = static_cast<uint32_t>(coded.index);
  if (::ioctl(fd_.get(), VIDIOC_QBUF, &buffer.data) == 0) return;
  throw Error("encoder-failed",
              systemMessage("The hardware encoder does not take its memory", errno));
}

bool V4l2Device::askForEnd() {
  v4l2_encoder_cmd command{};
  command.cmd = V4L2_ENC_CMD_STOP;
  return ::ioctl(fd_.get(), VIDIOC_ENCODER_CMD, &command) == 0;
}

void V4l2Device::setBitrate(int bitsPerSecond) {
  setControl(V4L2_CID_MPEG_VIDEO_BITRATE, bitsPerSecond);
}

void V4l2Device::setKeyframePeriod(int frames) {
  setControl(V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, frames);
}

void V4l2Device::forceKeyframe() { setControl(V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, 1); }

// A control that this kernel lacks is no reason not to record: what it would have set is either
// the default, or seen to otherwise (keyframes, parameter sets).
void V4l2Device::setControl(uint32_t id, int value) const {
  v4l2_control control{.id = id, .value = value};
  ::ioctl(fd_.get(), VIDIOC_S_CTRL, &control);
}

void V4l2Device::call(unsigned long request, void* argument, const char* what) const {
  // EINTR is not tried again: our threads take no signals, so it is the firmware's word.
  if (::ioctl(fd_.get(), request, argument) == 0) return;
  throw Error("encoder-refused", std::string(what) + ". " + refusal(errno));
}

}  // namespace pimon
