#include "session.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <deque>

namespace {

constexpr int64_t usPerSecond = 1'000'000;

struct OneBuffer {
  v4l2_buffer buffer{};
  v4l2_plane plane{};

  OneBuffer(uint32_t type, uint32_t memory) {
    buffer.type = type;
    buffer.memory = memory;
    buffer.length = 1;
    buffer.m.planes = &plane;
  }
};

uint8_t* map(int fd, size_t size, off_t offset) {
  void* address = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  return address == MAP_FAILED ? nullptr : static_cast<uint8_t*>(address);
}

}  // namespace

std::vector<int> Coded::nals() const {
  std::vector<int> types;
  for (size_t i = 0; i + 3 < bytes.size(); ++i) {
    if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1) types.push_back(bytes[i + 3] & 31);
  }
  return types;
}

Session::Session(const SessionOptions& options) : options_(options) {
  error_ = configure();
  if (error_ == 0) error_ = makeFrames();
  if (error_ == 0) error_ = mapCapture();
  if (error_ == 0) error_ = start();
}

Session::~Session() {
  for (auto* side : {&frames_, &captures_}) {
    for (Memory& memory : *side) munmap(memory.data, memory.size);
  }
}

int Session::configure() {
  for (const auto& [id, value] : options_.controls) {
    if (const int error = node_.setControl(id, value)) return error;
  }
  v4l2_format format = formatOf(outputType, options_.width, options_.height, options_.fourcc);
  format.fmt.pix_mp.plane_fmt[0].bytesperline = options_.stride;
  if (const int error = node_.setFormat(format)) return error;
  raw_ = contentOf(format);
  format = formatOf(captureType, options_.width, options_.height, options_.coded);
  format.fmt.pix_mp.plane_fmt[0].sizeimage = options_.codedSize;
  if (const int error = node_.setFormat(format)) return error;
  v4l2_streamparm parameters{};
  parameters.type = outputType;
  parameters.parm.output.timeperframe = {1, options_.fps};
  return node_.call(VIDIOC_S_PARM, &parameters);
}

int Session::makeFrames() {
  const int count = node_.requestBuffers(outputType, options_.frames, options_.memory);
  if (count < 0) return -count;
  for (int i = 0; i < count; ++i) {
    Memory memory;
    memory.size = raw_.sizeImage;
    if (options_.memory == V4L2_MEMORY_DMABUF) {
      HeapBuffer made = allocate("linux,cma", memory.size);
      if (made.error != 0) return made.error;
      memory.fd = std::move(made.fd);
      memory.data = map(memory.fd.get(), memory.size, 0);
    } else {
      OneBuffer one(outputType, options_.memory);
      one.buffer.index = i;
      if (const int error = node_.call(VIDIOC_QUERYBUF, &one.buffer)) return error;
      memory.data = map(node_.fd(), memory.size, one.plane.m.mem_offset);
    }
    if (memory.data == nullptr) return errno;
    frames_.push_back(std::move(memory));
  }
  return 0;
}

int Session::mapCapture() {
  const int count = node_.requestBuffers(captureType, options_.captures, V4L2_MEMORY_MMAP);
  if (count < 0) return -count;
  for (int i = 0; i < count; ++i) {
    OneBuffer one(captureType, V4L2_MEMORY_MMAP);
    one.buffer.index = i;
    if (const int error = node_.call(VIDIOC_QUERYBUF, &one.buffer)) return error;
    Memory memory;
    memory.size = one.plane.length;
    memory.data = map(node_.fd(), memory.size, one.plane.m.mem_offset);
    if (memory.data == nullptr) return errno;
    captures_.push_back(std::move(memory));
    if (const int error = queueCapture(i)) return error;
  }
  return 0;
}

int Session::start() {
  const int error = node_.streamOn(outputType);
  return error != 0 ? error : node_.streamOn(captureType);
}

void Session::draw(uint32_t index, int64_t number) {
  const size_t luma = static_cast<size_t>(raw_.stride) * raw_.height;
  std::memset(frames_[index].data, lumaOf(number), luma);
  std::memset(frames_[index].data + luma, 128, frames_[index].size - luma);
}

int Session::queue(uint32_t index, int64_t number) {
  draw(index, number);
  return queueOutput(index, number);
}

int Session::queueOutput(uint32_t index, int64_t number) {
  OneBuffer one(outputType, options_.memory);
  one.buffer.index = index;
  one.buffer.field = V4L2_FIELD_NONE;
  one.buffer.timestamp.tv_sec = stampOf(number) / usPerSecond;
  one.buffer.timestamp.tv_usec = stampOf(number) % usPerSecond;
  one.plane.bytesused = raw_.sizeImage;
  one.plane.length = raw_.sizeImage;
  if (options_.memory == V4L2_MEMORY_DMABUF) one.plane.m.fd = frames_[index].fd.get();
  return node_.call(VIDIOC_QBUF, &one.buffer);
}

int Session::dequeueOutput() {
  OneBuffer one(outputType, options_.memory);
  const int error = node_.call(VIDIOC_DQBUF, &one.buffer);
  return error != 0 ? -error : static_cast<int>(one.buffer.index);
}

int Session::dequeueCapture(Coded& coded) {
  OneBuffer one(captureType, V4L2_MEMORY_MMAP);
  if (const int error = node_.call(VIDIOC_DQBUF, &one.buffer)) return error;
  lastCapture_ = one.buffer.index;
  const uint8_t* data = captures_[one.buffer.index].data;
  coded.bytes.assign(data, data + one.plane.bytesused);
  coded.timestampUs = one.buffer.timestamp.tv_sec * usPerSecond + one.buffer.timestamp.tv_usec;
  coded.flags = one.buffer.flags;
  coded.sequence = one.buffer.sequence;
  coded.length = one.plane.length;
  return 0;
}

int Session::queueCapture(uint32_t index) {
  OneBuffer one(captureType, V4L2_MEMORY_MMAP);
  one.buffer.index = index;
  return node_.call(VIDIOC_QBUF, &one.buffer);
}

short Session::wait(short events) {
  const short got = node_.poll(events, 5000);
  REQUIRE(got != 0);
  return got;
}

int Session::command(uint32_t what) const {
  v4l2_encoder_cmd command{};
  command.cmd = what;
  return node_.call(VIDIOC_ENCODER_CMD, &command);
}

std::vector<Coded> Session::encode(int64_t frames, const std::function<void(int64_t)>& between) {
  std::vector<Coded> all;
  std::deque<uint32_t> free;
  for (uint32_t i = 0; i < frames_.size(); ++i) free.push_back(i);
  for (int64_t next = 0; next < frames || free.size() < frames_.size();) {
    if (next < frames && !free.empty()) {
      if (between) between(next);
      REQUIRE(queue(free.front(), next++) == 0);
      free.pop_front();
      continue;
    }
    const short ready = wait(POLLIN | POLLOUT);
    if ((ready & POLLOUT) != 0) {
      const int index = dequeueOutput();
      REQUIRE(index >= 0);
      free.push_back(static_cast<uint32_t>(index));
    }
    Coded coded;
    if ((ready & POLLIN) != 0 && dequeueCapture(coded) == 0) {
      all.push_back(std::move(coded));
      REQUIRE(queueCapture(lastCapture_) == 0);
    }
  }
  for (Coded& one : drain()) all.push_back(std::move(one));
  return all;
}

std::vector<Coded> Session::drain() {
  REQUIRE(command(V4L2_ENC_CMD_STOP) == 0);
  std::vector<Coded> all;
  while (true) {
    wait(POLLIN);
    Coded coded;
    REQUIRE(dequeueCapture(coded) == 0);
    if (coded.isLast()) return all;
    all.push_back(std::move(coded));
    REQUIRE(queueCapture(lastCapture_) == 0);
  }
}
