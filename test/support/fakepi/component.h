#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "codec.h"
#include "controls.h"
#include "events.h"
#include "formats.h"
#include "queue.h"
#include "readiness.h"

namespace fakepi {

// What an open has besides its firmware component. Both threads work on it, under the mutex.
struct DeviceState {
  explicit DeviceState(int openFlags) : readiness(openFlags) {}

  std::mutex mutex;
  std::condition_variable changed;
  Formats formats;
  Controls controls;
  Queue output{Formats::output};
  Queue capture{Formats::capture};
  Readiness readiness;
  Events events;
  bool stopRequested = false;  // ENCODER_CMD STOP: once OUTPUT is empty, LAST comes out
};

// The firmware's video_encode component with a thread of its own: OUTPUT buffers in, CAPTURE
// buffers out, each side given back when it is done with it.
class Component {
 public:
  explicit Component(DeviceState& state);
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;
  ~Component();

  // A side has stopped streaming, `input` being OUTPUT. Comes back, under the mutex again, when
  // none of its buffers is in use; on a stalled device that takes two seconds, once.
  void flush(std::unique_lock<std::mutex>& lock, bool input);
  // OUTPUT begins to stream: a new coded stream with headers and a keyframe.
  void restart() { fresh_ = true; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Coded {
    std::vector<uint8_t> bytes;
    bool isPicture = false;  // one that the program can use
    int64_t timestampUs = 0;
    uint32_t flags = 0;
  };

  void run();
  bool hasWork() const;
  void encodeNext(Lock& lock);
  bool misbehaves();
  bool wantsKey();
  bool wantsHeaders(bool key);
  void prepareCodec(bool key);
  void addStrayBuffers(std::vector<Coded>& coded);
  void waitUntilDone(Lock& lock, int64_t macroblocks);
  bool deliver(Lock& lock, const Coded& coded);
  Buffer* waitForCapture(Lock& lock);
  void deliverLast(Lock& lock);

  DeviceState& state_;
  std::unique_ptr<Codec> codec_;
  CodecSettings settings_;
  std::vector<uint8_t> scratch_;
  bool stopping_ = false;
  bool working_ = false;  // between taking a frame and having delivered it
  bool fresh_ = true;
  bool stalled_ = false;
  bool flushedStalled_ = false;
  int64_t framesOfStream_ = 0;
  int64_t framesSinceKey_ = 0;
  int64_t headersSent_ = 0;
  std::thread thread_;
};

}  // namespace fakepi
