#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "camera/frame.h"
#include "preview/jpeg_encoder.h"
#include "preview/small_picture.h"
#include "support/latest_slot.h"
#include "support/worker.h"

namespace pimon {

// One size of preview pictures.
struct PreviewClass {
  int id = 0;
  int width = 640;
  double fps = 30;
  int quality = 75;  // JPEG, 1 … 100
};

// A header of 24 bytes (see message.h), then the JPEG.
struct PreviewMessage {
  int classId = 0;
  std::vector<uint8_t> bytes;
};

// Called on the preview thread; hands over and returns.
class PreviewListener {
 public:
  virtual ~PreviewListener() = default;
  virtual void onPreview(PreviewMessage message) noexcept = 0;
  virtual void onPreviewError(const Error& error) noexcept = 0;
};

// Makes JPEGs of the newest frame, while somebody wants any. It holds one frame at most, and lets
// it go before the JPEG is made: whatever that takes, no buffer of the camera waits for it.
class Previewer {
 public:
  // The JPEG; empty when there was no next frame, or none could be made of it.
  using SnapshotDone = std::function<void(std::vector<uint8_t>)>;

  struct Counts {
    uint64_t encoded = 0;
    uint64_t skipped = 0;  // frames replaced by a newer one before they were looked at
  };

  explicit Previewer(PreviewListener& listener) : listener_(listener) {}
  ~Previewer() { stop(); }

  void start();
  // Final.
  void stop();

  // The camera's thread. Never blocks.
  void offer(const FramePtr& frame) noexcept;
  // There will be no next frame for now: lets go of the newest and answers those who wait for one.
  void forget();

  // Any thread.
  void setClasses(std::vector<PreviewClass> classes);
  // `done` is called on the preview thread with the next frame.
  void snapshot(int width, int quality, SnapshotDone done);
  Counts counts() const { return {.encoded = encoded_, .skipped = skipped_}; }

  // For tests: the next JPEG takes so much longer.
  void stall(int milliseconds) { stallMs_ = milliseconds; }

 private:
  struct Class {
    PreviewClass wanted;
    int64_t dueNs = 0;  // sensor time of the next picture
  };
  struct Snapshot {
    int width = 0;
    int quality = 0;
    SnapshotDone done;
  };
  struct Job {
    int quality = 0;
    std::optional<int> classId;  // else it is for `done`
    SnapshotDone done;
    SmallPicture picture;
  };

  void run();
  std::vector<Job> dueJobs(const Frame& frame);
  void finish(const Job& job, const FrameInfo& info);
  SmallPicture sparePicture();

  PreviewListener& listener_;
  LatestSlot<FramePtr> newest_;
  std::atomic<bool> wanted_ = false;
  std::atomic<uint64_t> encoded_ = 0;
  std::atomic<uint64_t> skipped_ = 0;
  std::atomic<int> stallMs_ = 0;

  std::mutex mutex_;
  bool stopped_ = false;
  std::vector<Class> classes_;
  std::vector<Snapshot> snapshots_;

  // Of the preview thread.
  std::optional<JpegEncoder> jpeg_;
  std::vector<SmallPicture> spare_;

  Worker worker_;
};

}  // namespace pimon
