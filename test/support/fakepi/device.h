#pragma once

#include <poll.h>

#include <memory>

#include "component.h"

namespace fakepi {

// One open of the encoder's node.
class Device {
 public:
  explicit Device(int openFlags);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  // As the driver's release: stops what streams, which on a stalled device takes its time.
  ~Device();

  Readiness& readiness() { return state_.readiness; }

  // 0 or an errno. `fd` is the descriptor that the program used.
  int ioctl(int fd, uint32_t request, void* argument);
  // MAP_FAILED with errno, as the system's.
  void* mmap(size_t length, int protection, int flags, uint64_t offset);
  // What poll() reports for these events, as videobuf2 and the mem2mem framework reckon it.
  short pollEvents(short wanted);

 private:
  using Lock = std::unique_lock<std::mutex>;

  int answer(Lock& lock, int fd, uint32_t request, void* argument);
  int answerBuffers(Lock& lock, int fd, uint32_t request, void* argument);
  int answerControls(uint32_t request, void* argument);
  int reqbufs(v4l2_requestbuffers& request);
  int dqbuf(Lock& lock, int fd, v4l2_buffer& buffer);
  int streamon(uint32_t type);
  int streamoff(Lock& lock, uint32_t type);
  int encoderCommand(v4l2_encoder_cmd& command, bool onlyTry);
  int dequeueEvent(Lock& lock, int fd, v4l2_event& event);
  Queue* queueOf(uint32_t type);
  void updateReadiness(int fd);

  DeviceState state_;
  std::unique_ptr<Component> component_;
};

}  // namespace fakepi
