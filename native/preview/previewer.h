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

// A size of pictures that are handed on as they are, in limited range.
struct PlainClass {
  int width = 640;
  double fps = 30;
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
  virtual void onPlainPicture(SmallPicture picture, const FrameInfo& info) noexcept = 0;
  virtual void onPreviewError(const Error& error) noexcept = 0;
};

// Makes small pictures and JPEGs of the newest frame, while somebody wants any. It holds one frame
// at most, and lets it go before the JPEG is made: whatever that takes, no buffer of the camera
// waits for it.
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
  // None: none are handed on.
  void setPlain(const std::optional<PlainClass>& wanted);
  // `done` is called on the preview thread with the next frame.
  void snapshot(int width, int quality, SnapshotDone done);
  Counts counts() const { return {.encoded = encoded_, .skipped = skipped_}; }

  // For tests: the next JPEG takes so much longer.
  void stall(int milliseconds) { stallMs_ = milliseconds; }

 private:
  // When a class gets its next picture.
  struct Pace {
    int64_t dueNs = 0;  // sensor time; 0: with the next frame

    bool take(double fps, int64_t sensorNs);
  };
  struct Class {
    PreviewClass wanted;
    Pace pace;
  };
  struct Plain {
    PlainClass wanted;
    Pace pace;
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
  bool isWanted() const;
  std::optional<SmallPicture> duePlain(const Frame& frame);
  std::vector<Job> dueJobs(const Frame& frame);
  void finish(Job& job, const FrameInfo& info);
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
  std::optional<Plain> plain_;
  std::vector<Snapshot> snapshots_;

  // Of the preview thread.
  std::optional<JpegEncoder> jpeg_;
  std::vector<SmallPicture> spare_;

  Worker worker_;
};

}  // namespace pimon
