#pragma once

#include <libcamera/camera.h>
#include <libcamera/request.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "camera/frame_loss.h"
#include "camera/frame_source.h"
#include "camera/libcamera_buffers.h"
#include "camera/libcamera_controls.h"
#include "camera/libcamera_memory.h"
#include "support/worker.h"

namespace pimon {

// One run of a configured camera, from start to stop. Each buffer has one request, which travels:
//
//   camera → completed() → a Frame → its last reference dies, on any thread → release() → camera
//
// A frame owns a share of its memory, but none of the session: one that dies after stop() finds
// nobody to go back to. No request dies or is used again outside its turn while the camera runs,
// because libcamera still reads it for a moment after it has signalled its completion.
//
// A virtual camera draws as fast as it gets requests, so it gets them by a clock: they wait in
// `idle_`, and a thread hands out one each tick.
class LibcameraSession : public std::enable_shared_from_this<LibcameraSession> {
 public:
  struct Setup {
    std::shared_ptr<libcamera::Camera> camera;
    // The one that is in force: the first stream is recorded, the second, if any, previewed.
    const libcamera::CameraConfiguration& configuration;
    double fps;
    unsigned buffers;
    bool isVirtual;
  };

  // Allocates. `controls` and `listener` must outlive stop().
  LibcameraSession(const Setup& setup, LibcameraControls& controls, FrameListener& listener);
  LibcameraSession(const LibcameraSession&) = delete;
  LibcameraSession& operator=(const LibcameraSession&) = delete;

  void start();
  // No call reaches the listener after it returns.
  void stop();

 private:
  // What one request writes to.
  struct Memory {
    std::unique_ptr<FrameMemory> main;
    std::unique_ptr<FrameMemory> preview;  // none without a second stream
  };
  struct Slot {
    std::unique_ptr<libcamera::Request> request;
    std::shared_ptr<const Memory> memory;
    uint64_t tick = 0;  // of a virtual camera: when it was queued
  };

  void makeSlots(const libcamera::CameraConfiguration& configuration, unsigned buffers);
  libcamera::ControlList startControls();

  // On libcamera's thread, one call at a time.
  void completed(libcamera::Request* request);
  void disconnected();
  void deliver(size_t index, bool starved);
  FrameLoss::Arrival arrivalOf(const Slot& slot, FrameInfo& info);
  FramePtr frameOf(size_t index, const FrameInfo& info, bool hasPreview);
  void fail(const Error& error);

  // On any thread.
  void release(size_t index);
  // With mutex_ held.
  void giveBack(size_t index);
  void queue(size_t index);

  // On the virtual camera's clock thread.
  void pace();

  std::shared_ptr<libcamera::Camera> camera_;
  LibcameraControls& controls_;
  FrameListener& listener_;
  const double fps_;
  const bool hasRate_;  // the camera holds to the rate it is told
  libcamera::Stream* const mainStream_;
  libcamera::Stream* const previewStream_;  // or null
  std::vector<StreamBuffers> buffers_;
  std::vector<Slot> slots_;

  // Held while the listener is called, so that stop() can wait for the call to end.
  std::mutex delivering_;
  FrameLoss loss_;
  bool failed_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;
  unsigned queued_ = 0;            // requests that libcamera holds
  bool starved_ = false;           // it has been without any since the last frame
  std::vector<size_t> cancelled_;  // tried again once another request has completed

  const bool isVirtual_;
  std::vector<size_t> idle_;  // waiting for a tick
  Worker pacer_;
};

}  // namespace pimon
