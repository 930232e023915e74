#include "device.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "faults.h"
#include "firmware_limits.h"
#include "stats.h"

namespace fakepi {

namespace {

int queryCap(v4l2_capability& capability) {
  capability = {};
  const auto write = [](auto& field, const char* value) {
    std::snprintf(reinterpret_cast<char*>(field), sizeof(field), "%s", value);
  };
  write(capability.driver, "bcm2835-codec");
  write(capability.card, isSet(Fault::OldKernel) ? "bcm2835-codec" : "bcm2835-codec-encode");
  write(capability.bus_info, "platform:bcm2835-codec");
  capability.version = 6 << 16 | 1 << 8 | 21;
  capability.device_caps = V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING | V4L2_CAP_EXT_PIX_FORMAT;
  capability.capabilities = capability.device_caps | V4L2_CAP_DEVICE_CAPS;
  return 0;
}

bool isNonBlocking(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }

template <typename Argument>
Argument& as(void* argument) {
  return *static_cast<Argument*>(argument);
}

}  // namespace

Device::Device(int openFlags) : state_(openFlags) {
  ++stats().opens;
  ++stats().live;
}

Device::~Device() {
  {
    Lock lock(state_.mutex);
    for (uint32_t type : {Formats::output, Formats::capture}) {
      if (queueOf(type)->streaming()) streamoff(lock, type);
    }
  }
  component_.reset();
  --stats().live;
}

Queue* Device::queueOf(uint32_t type) {
  if (type == Formats::output) return &state_.output;
  return type == Formats::capture ? &state_.capture : nullptr;
}

int Device::ioctl(int fd, uint32_t request, void* argument) {
  if (argument == nullptr) return EFAULT;
  Lock lock(state_.mutex);
  const int error = answer(lock, fd, request, argument);
  updateReadiness(fd);
  return error;
}

int Device::answer(Lock& lock, int fd, uint32_t request, void* argument) {
  switch (request) {
    case VIDIOC_QUERYCAP:
      return queryCap(as<v4l2_capability>(argument));
    case VIDIOC_G_PRIORITY:
      as<v4l2_priority>(argument) = V4L2_PRIORITY_DEFAULT;
      return 0;
    case VIDIOC_ENUM_FMT:
      return Formats::enumFmt(as<v4l2_fmtdesc>(argument));
    case VIDIOC_ENUM_FRAMESIZES:
      return Formats::enumFrameSizes(as<v4l2_frmsizeenum>(argument));
    case VIDIOC_TRY_FMT:
      return state_.formats.tryFmt(as<v4l2_format>(argument));
    case VIDIOC_G_FMT:
      return state_.formats.getFmt(as<v4l2_format>(argument));
    case VIDIOC_S_FMT: {
      auto& format = as<v4l2_format>(argument);
      const Queue* queue = queueOf(format.type);
      if (queue != nullptr && queue->busy()) return EBUSY;
      return state_.formats.setFmt(format);
    }
    case VIDIOC_G_PARM:
      return state_.formats.getParm(as<v4l2_streamparm>(argument));
    case VIDIOC_S_PARM:
      return state_.formats.setParm(as<v4l2_streamparm>(argument));
    case VIDIOC_ENCODER_CMD:
      return encoderCommand(as<v4l2_encoder_cmd>(argument), false);
    case VIDIOC_TRY_ENCODER_CMD:
      return encoderCommand(as<v4l2_encoder_cmd>(argument), true);
    case VIDIOC_SUBSCRIBE_EVENT:
      return state_.events.subscribe(as<v4l2_event_subscription>(argument));
    case VIDIOC_UNSUBSCRIBE_EVENT:
      return state_.events.unsubscribe(as<v4l2_event_subscription>(argument));
    case VIDIOC_DQEVENT:
      return dequeueEvent(lock, fd, as<v4l2_event>(argument));
    default: {
      const int error = answerControls(request, argument);
      return error != ENOTTY ? error : answerBuffers(lock, fd, request, argument);
    }
  }
}

int Device::answerControls(uint32_t request, void* argument) {
  Controls& controls = state_.controls;
  switch (request) {
    case VIDIOC_QUERYCTRL:
      return controls.query(as<v4l2_queryctrl>(argument));
    case VIDIOC_QUERY_EXT_CTRL:
      return controls.queryExt(as<v4l2_query_ext_ctrl>(argument));
    case VIDIOC_QUERYMENU:
      return Controls::queryMenu(as<v4l2_querymenu>(argument));
    case VIDIOC_G_CTRL:
      return controls.get(as<v4l2_control>(argument));
    case VIDIOC_S_CTRL:
      return controls.set(as<v4l2_control>(argument));
    case VIDIOC_G_EXT_CTRLS:
      return controls.getExt(as<v4l2_ext_controls>(argument));
    case VIDIOC_TRY_EXT_CTRLS:
      return controls.tryExt(as<v4l2_ext_controls>(argument));
    case VIDIOC_S_EXT_CTRLS:
      return controls.setExt(as<v4l2_ext_controls>(argument));
    default:
      return ENOTTY;
  }
}

int Device::answerBuffers(Lock& lock, int fd, uint32_t request, void* argument) {
  const auto queueFor = [&](uint32_t type) { return queueOf(type); };
  switch (request) {
    case VIDIOC_REQBUFS:
      return reqbufs(as<v4l2_requestbuffers>(argument));
    case VIDIOC_QUERYBUF: {
      auto& buffer = as<v4l2_buffer>(argument);
      const Queue* queue = queueFor(buffer.type);
      return queue == nullptr ? EINVAL : queue->querybuf(buffer);
    }
    case VIDIOC_EXPBUF: {
      auto& buffer = as<v4l2_exportbuffer>(argument);
      const Queue* queue = queueFor(buffer.type);
      return queue == nullptr ? EINVAL : queue->expbuf(buffer);
    }
    case VIDIOC_QBUF: {
      auto& buffer = as<v4l2_buffer>(argument);
      Queue* queue = queueFor(buffer.type);
      if (queue == nullptr) return EINVAL;
      const int error = queue->qbuf(buffer, state_.formats.of(buffer.type).plane_fmt[0].sizeimage);
      state_.changed.notify_all();
      return error;
    }
    case VIDIOC_DQBUF:
      return dqbuf(lock, fd, as<v4l2_buffer>(argument));
    case VIDIOC_STREAMON:
      return streamon(as<uint32_t>(argument));
    case VIDIOC_STREAMOFF:
      return streamoff(lock, as<uint32_t>(argument));
    default:
      return ENOTTY;
  }
}

// The first one makes the firmware's component; until then nobody knows whether it can encode.
int Device::reqbufs(v4l2_requestbuffers& request) {
  Queue* queue = queueOf(request.type);
  if (queue == nullptr) return EINVAL;
  if (component_ == nullptr && request.count > 0) component_ = std::make_unique<Component>(state_);
  return queue->reqbufs(request, state_.formats.of(request.type).plane_fmt[0].sizeimage);
}

int Device::dqbuf(Lock& lock, int fd, v4l2_buffer& buffer) {
  Queue* queue = queueOf(buffer.type);
  if (queue == nullptr) return EINVAL;
  int error = queue->dqbuf(buffer);
  while (error == EAGAIN && !isNonBlocking(fd)) {
    state_.changed.wait(lock);
    error = queue->dqbuf(buffer);
  }
  return error;
}

int Device::streamon(uint32_t type) {
  Queue* queue = queueOf(type);
  if (queue == nullptr || !queue->busy()) return EINVAL;
  if (queue->streaming()) return 0;
  if (type == Formats::output) {
    if (const int refusal = startRefusal(state_.formats, state_.controls)) return refusal;
    component_->restart();
  }
  const int error = queue->streamon();
  state_.changed.notify_all();
  return error;
}

int Device::streamoff(Lock& lock, uint32_t type) {
  Queue* queue = queueOf(type);
  if (queue == nullptr) return EINVAL;
  if (queue->streaming()) {
    queue->beginStreamoff();
    if (type == Formats::output) state_.stopRequested = false;
    component_->flush(lock, type == Formats::output);
  }
  queue->streamoff();
  state_.changed.notify_all();
  return 0;
}

int Device::encoderCommand(v4l2_encoder_cmd& command, bool onlyTry) {
  if (command.cmd != V4L2_ENC_CMD_STOP && command.cmd != V4L2_ENC_CMD_START) return EINVAL;
  command.flags = 0;
  if (!onlyTry && command.cmd == V4L2_ENC_CMD_STOP && state_.output.streaming()) {
    state_.stopRequested = true;
    state_.changed.notify_all();
  }
  return 0;
}

int Device::dequeueEvent(Lock& lock, int fd, v4l2_event& event) {
  int error = state_.events.take(event);
  while (error == ENOENT && !isNonBlocking(fd)) {
    state_.changed.wait(lock);
    error = state_.events.take(event);
  }
  return error;
}

void* Device::mmap(size_t length, int protection, int flags, uint64_t offset) {
  Lock lock(state_.mutex);
  const Queue& queue = offset >= 0x40000000 ? state_.capture : state_.output;
  return queue.mmap(length, protection, flags, offset);
}

// Both sides may be ready or not, each by itself. select() and epoll take an error for "ready".
void Device::updateReadiness(int fd) {
  const bool error = state_.output.idle() && state_.capture.idle();
  state_.readiness.set(error || state_.capture.readable(), error || state_.output.readable(), fd);
  state_.readiness.setPriority(state_.events.pending());
}

short Device::pollEvents(short wanted) {
  Lock lock(state_.mutex);
  int events = state_.events.pending() ? POLLPRI : 0;
  if ((wanted & (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM)) != 0) {
    if (state_.output.idle() && state_.capture.idle()) {
      events |= POLLERR;
    } else {
      if (state_.output.readable()) events |= POLLOUT | POLLWRNORM;
      if (state_.capture.readable()) events |= POLLIN | POLLRDNORM;
    }
  }
  return static_cast<short>(events & (wanted | POLLERR));
}

}  // namespace fakepi
