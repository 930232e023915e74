#pragma once

#include <functional>
#include <vector>

#include "node.h"

using ControlList = std::vector<std::pair<uint32_t, int32_t>>;
inline ControlList repeatedHeaders() { return {{V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, 1}}; }

struct SessionOptions {
  uint32_t width = 320;
  uint32_t height = 240;
  uint32_t fourcc = V4L2_PIX_FMT_YUV420;
  uint32_t stride = 0;
  uint32_t coded = V4L2_PIX_FMT_H264;
  uint32_t codedSize = 0;
  uint32_t fps = 30;
  uint32_t memory = V4L2_MEMORY_DMABUF;  // of OUTPUT
  uint32_t frames = 6;
  uint32_t captures = 12;
  ControlList controls = repeatedHeaders();
};

// A CAPTURE buffer as it came.
struct Coded {
  std::vector<uint8_t> bytes;
  int64_t timestampUs = 0;
  uint32_t flags = 0;
  uint32_t sequence = 0;
  uint32_t length = 0;  // of the buffer

  bool isKey() const { return (flags & V4L2_BUF_FLAG_KEYFRAME) != 0; }
  bool isLast() const { return (flags & V4L2_BUF_FLAG_LAST) != 0; }
  // Types of the NAL units in it.
  std::vector<int> nals() const;
};

// The encoder set up by the hardware notes' call sequence, with frames of its own. Frame n is a
// flat grey of lumaOf(n) and has the timestamp stampOf(n).
class Session {
 public:
  explicit Session(const SessionOptions& options = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  Node& node() { return node_; }
  const PixelFormat& raw() const { return raw_; }
  int start();
  // Everything from S_FMT to STREAMON succeeded.
  int error() const { return error_; }

  static int lumaOf(int64_t frame) { return 40 + static_cast<int>(frame * 7 % 160); }
  static int64_t stampOf(int64_t frame) { return 5'000'000 + frame * 33'333; }

  // Draws frame `number` into buffer `index` and queues it; 0 or the errno.
  int queue(uint32_t index, int64_t number);
  void draw(uint32_t index, int64_t number);
  int queueOutput(uint32_t index, int64_t number);
  // Index of an OUTPUT buffer that came back, or minus the errno.
  int dequeueOutput();
  int dequeueCapture(Coded& coded);
  int queueCapture(uint32_t index);
  // Index of the last CAPTURE buffer dequeued.
  uint32_t lastCapture() const { return lastCapture_; }

  // Encodes so many frames, drains, and returns what came out, LAST not included. `between` is
  // called before each frame is queued.
  std::vector<Coded> encode(int64_t frames, const std::function<void(int64_t)>& between = {});
  std::vector<Coded> drain();
  int command(uint32_t what) const;
  // Waits for what poll() says; fails the test after five seconds.
  short wait(short events);
  uint8_t* frame(uint32_t index) { return frames_[index].data; }

 private:
  struct Memory {
    Fd fd;
    uint8_t* data = nullptr;
    size_t size = 0;
  };

  int configure();
  int mapCapture();
  int makeFrames();

  SessionOptions options_;
  Node node_;
  int error_ = 0;
  PixelFormat raw_{};
  std::vector<Memory> frames_;
  std::vector<Memory> captures_;
  uint32_t lastCapture_ = 0;
};
