#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "camera/frame_source.h"
#include "camera/synthetic_exposure.h"
#include "camera/synthetic_scene.h"
#include "support/worker.h"

namespace pimon {

class BufferPool;

// A camera made of arithmetic: any even size from 320×180 to 4096×2304, up to 240 frames a second,
// each frame stamped (camera/stamp.h). Like a sensor it keeps its own time: the sensor timestamp
// is the instant the frame was due, however late the machine delivers it, and a frame that finds
// no free buffer is lost and counted.
class SyntheticSource final : public FrameSource {
 public:
  SyntheticSource();
  ~SyntheticSource() override;

  static CameraInfo camera();

  const CameraInfo& info() const override { return info_; }
  StreamFormat configure(const SourceConfig& config) override;
  void start(FrameListener& listener) override;
  void stop() override;
  std::vector<ControlInfo> controls() const override;
  void setControls(const ControlValues& values) override;
  void inject(const Fault& fault) override;

 private:
  void run(FrameListener& listener);
  // False when stop() came first.
  bool waitUntil(int64_t instantNs);
  std::optional<Fault> takeFault();
  // A frame of the scene at that instant, without stamp; none while every buffer is out.
  std::shared_ptr<Frame> draw(int64_t instantNs);

  CameraInfo info_;
  StreamFormat format_;
  std::unique_ptr<SyntheticScene> scene_;
  std::shared_ptr<BufferPool> pool_;
  std::atomic<double> brightness_ = 0;
  SyntheticExposure exposure_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::deque<Fault> faults_;

  Worker worker_;
};

}  // namespace pimon
