#include "record/segment.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "support/clock.h"

namespace pimon {

namespace {

// A killed process loses at most this span and the frame in work.
constexpr int64_t kFragmentNs = 500'000'000;

}  // namespace

Segment::Segment(std::unique_ptr<Container> container,
                 std::function<void(const Error&)> onSyncError)
    : container_(std::move(container)), sync_(std::move(onSyncError)) {}

void Segment::open(const SegmentPlace& place, const StreamFormat& format, uint64_t firstFrame) {
  folder_ = place.folder;
  frameNs_ = static_cast<int64_t>(1e9 / format.fps);
  file_.firstFrame = firstFrame;
  file_.log = place.stem + ".frames.csv";
  const std::string video = place.stem + "." + place.ending;
  UniqueFd folderFd = openFolder(folder_);
  container_->open(pathOf(video), format);
  file_.video = video;
  try {
    log_.create(pathOf(file_.log));
  } catch (...) {
    ::unlink(pathOf(video).c_str());
    // One that was there before is not ours.
    if (log_.fd() >= 0) ::unlink(pathOf(file_.log).c_str());
    throw;
  }
  try {
    sync_.start(std::array{container_->fd(), log_.fd()}, std::move(folderFd));
  } catch (...) {
    discard();
    throw;
  }
}

void Segment::write(const Packet& packet, const Losses& lostBefore) {
  const FrameInfo& info = packet.info;
  if (unflushed_ > 0 && info.sensorNs - gatheringSinceNs_ > kFragmentNs - frameNs_) {
    flush(info.sensorNs);
  }
  const Stored stored = container_->write(packet);
  log_.add({.frame = file_.firstFrame + file_.frames,
            .segmentFrame = file_.frames,
            .sensorNs = info.sensorNs,
            .wallUs = info.wallUs,
            .stored = stored,
            .key = packet.key,
            .exposureUs = info.exposureUs,
            .gain = info.gain,
            .lostBefore = lostBefore});
  if (unflushed_ == 0) {
    gatheringSinceNs_ = info.sensorNs;
    flushDueNs_ = monotonicNs() + kFragmentNs;
  }
  if (!file_.first) file_.first = info;
  file_.last = info;
  ++file_.frames;
  ++unflushed_;
}

void Segment::flush(std::optional<int64_t> nextSensorNs) {
  if (unflushed_ == 0) return;
  log_.flush();
  container_->flush(nextSensorNs);
  log_.keep();
  unflushed_ = 0;
  lastFlushed_ = file_.last;
  flushDueNs_.reset();
  measure();
  sync_.written();
}

void Segment::close() {
  flush(std::nullopt);
  sync_.stop();
  if (sync_.failed()) throw Error("disk-error", "The disk did not take " + file_.video + ".");
  // A closed video says that its log is whole as well.
  log_.close();
  container_->close();
  measure();
  file_.closed = true;
}

void Segment::salvage() noexcept {
  file_.frames -= std::exchange(unflushed_, 0);
  file_.last = lastFlushed_;
  if (file_.frames == 0) file_.first.reset();
  flushDueNs_.reset();
  const auto revert = [this] {
    container_->revert();
    log_.revert();
  };
  try {
    revert();
    close();
  } catch (const std::exception&) {
    try {
      revert();
    } catch (const std::exception&) {
      // The disk is gone: what reached it is for the repair.
    }
  }
  measure();
}

void Segment::discard() noexcept {
  sync_.stop();
  ::unlink(pathOf(file_.video).c_str());
  ::unlink(pathOf(file_.log).c_str());
}

void Segment::measure() {
  file_.bytes = container_->bytes();
  file_.logBytes = log_.bytes();
}

}  // namespace pimon
