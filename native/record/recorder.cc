#include "record/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <utility>

namespace pimon {

namespace {

// A disk may stall for some seconds (an SD card collecting garbage, a USB disk spinning up).
constexpr PacketRing::Limits kRing{.spanNs = 10'000'000'000, .bytes = size_t{64} << 20};

// A new file survives a power cut only when its folder's entry has been synced as well.
void syncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems have nothing to sync there: EINVAL.
  if (!fd.valid() || (::fsync(fd.get()) != 0 && errno != EINVAL)) {
    throw Error("disk-error", systemMessage("Cannot sync " + folder, errno));
  }
}

}  // namespace

const char* name(StopReason reason) {
  switch (reason) {
    case StopReason::Requested:
      return "requested";
    case StopReason::Duration:
      return "duration";
    case StopReason::DiskReserve:
      return "disk-reserve";
    case StopReason::DiskGone:
      return "disk-gone";
    case StopReason::DiskError:
      return "disk-error";
    case StopReason::CameraLost:
      return "camera-lost";
    case StopReason::EncoderFailed:
      return "encoder-failed";
    case StopReason::Shutdown:
      return "shutdown";
  }
  return "";
}

Recorder::Recorder(std::unique_ptr<Container> container, RecorderListener& listener)
    : container_(std::move(container)),
      listener_(listener),
      ring_(kRing),
      sync_([this](const Error& error) {
        syncFailed_ = true;
        listener_.onRecorderDone(StopReason::DiskError, error);
      }) {}

Recorder::~Recorder() {
  ring_.close();
  worker_.join();
}

void Recorder::start(const RecordingRequest& request, const StreamFormat& format) {
  request_ = request;
  progress_.path = request.path;
  container_->open(request.path, format);
  try {
    syncFolderOf(request.path);
    sync_.start(container_->fd());
    worker_.start(
        "writer", [this] { run(); }, [this](const Error& error) { fail(error); });
  } catch (...) {
    ::unlink(request.path.c_str());
    throw;
  }
}

void Recorder::push(PacketPtr packet) noexcept { ring_.push(std::move(packet)); }

void Recorder::run() {
  const auto attempt = [this](const std::function<void()>& step) {
    try {
      step();
    } catch (const Error& error) {
      fail(error);
    } catch (const std::exception& error) {
      fail(Error("internal", std::string("Writing the recording failed: ") + error.what()));
    }
  };
  // A failure does not end the loop: what still comes must be counted.
  while (const std::optional<PacketRing::Item> item = ring_.pop()) attempt([&] { take(*item); });
  attempt([this] { close(); });
  sync_.stop();
  if (syncFailed_) ownReason_ = StopReason::DiskError;
}

void Recorder::take(const PacketRing::Item& item) {
  const FrameInfo& info = item.packet->info;
  switch (gate_) {
    case Gate::Waiting:
      if (!item.packet->key) return;
      gate_ = Gate::Open;
      write({.packet = item.packet, .lostBefore = {}});
      listener_.onFirstFrame(info);
      return;
    case Gate::Open:
      if (request_.maxDurationNs > 0 &&
          info.sensorNs - progress_.first->sensorNs >= request_.maxDurationNs) {
        gate_ = Gate::Closed;
        lose(lostWithin(request_.maxDurationNs, item), info.sensorNs);
        end(StopReason::Duration, std::nullopt);
        return;
      }
      write(item);
      return;
    case Gate::Closed:
      return;
    case Gate::Failed:
      Losses lost = item.lostBefore;
      ++lost[Stage::Writer];
      lose(lost, std::nullopt);
      return;
  }
}

// Of the frames lost before `item`, those that the recording would still have taken. They stood
// evenly between the last frame written and this one.
Losses Recorder::lostWithin(int64_t durationNs, const PacketRing::Item& item) const {
  const uint64_t lost = item.lostBefore.total();
  const int64_t lastNs = progress_.last->sensorNs;
  const int64_t stepNs = (item.packet->info.sensorNs - lastNs) / static_cast<int64_t>(lost + 1);
  const int64_t leftNs = progress_.first->sensorNs + durationNs - lastNs;
  const auto missing = static_cast<uint64_t>((leftNs - 1) / std::max<int64_t>(stepNs, 1));
  uint64_t within = std::min(lost, missing);
  Losses losses;
  for (const Stage stage : kStages) {
    losses[stage] = std::min(item.lostBefore[stage], within);
    within -= losses[stage];
  }
  return losses;
}

void Recorder::write(const PacketRing::Item& item) {
  const FrameInfo& info = item.packet->info;
  lose(item.lostBefore, info.sensorNs);
  ++unflushed_;
  std::optional<FrameInfo> previous;
  {
    const std::lock_guard lock(mutex_);
    ++progress_.written;
    if (!progress_.first) progress_.first = info;
    previous = std::exchange(progress_.last, info);
  }
  if (previous) intervals_.add((info.sensorNs - previous->sensorNs) / 1000);
  const uint64_t before = container_->bytes();
  container_->write(*item.packet);
  if (container_->bytes() == before) return;

  // A fragment has gone to the kernel: all frames but this one are in it or before it.
  sync_.written();
  unflushed_ = 1;
  lastFlushed_ = previous;
  const std::lock_guard lock(mutex_);
  progress_.bytes = container_->bytes();
}

void Recorder::lose(const Losses& losses, std::optional<int64_t> nextSensorNs) {
  if (losses.total() == 0) return;
  listener_.onFramesLost(losses);
  const std::lock_guard lock(mutex_);
  progress_.losses += losses;
  for (const Stage stage : kStages) {
    if (losses[stage] == 0 || gaps_.size() == kMaxGaps) continue;
    gaps_.push_back({progress_.written, losses[stage], stage, nextSensorNs});
  }
}

void Recorder::close() {
  if (gate_ != Gate::Open && gate_ != Gate::Closed) return;
  container_->close();
  sync_.written();
  unflushed_ = 0;
  const std::lock_guard lock(mutex_);
  progress_.bytes = container_->bytes();
}

void Recorder::fail(const Error& error) {
  if (gate_ == Gate::Failed) return;
  // What comes after a closed gate is no loss.
  if (gate_ != Gate::Closed) gate_ = Gate::Failed;
  // What was in the container's memory did not reach the file.
  Losses lost;
  lost[Stage::Writer] = std::exchange(unflushed_, 0);
  uint64_t bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    progress_.written -= lost[Stage::Writer];
    progress_.last = lastFlushed_;
    if (!lastFlushed_) progress_.first.reset();
    bytes = progress_.bytes;
    for (Gap& gap : gaps_) {
      if (gap.afterFrame < progress_.written) continue;
      gap = {progress_.written, gap.frames, gap.stage, std::nullopt};
    }
  }
  // Half a fragment keeps players from opening the file. If the disk refuses this as well, the
  // whole fragments are still there.
  [[maybe_unused]] const int ignored = ::ftruncate(container_->fd(), static_cast<off_t>(bytes));
  lose(lost, std::nullopt);
  end(StopReason::DiskError, error);
}

void Recorder::end(StopReason reason, const std::optional<Error>& error) {
  ownReason_ = reason;
  listener_.onRecorderDone(reason, error);
}

RecordingSummary Recorder::finish(StopReason reason, const Losses& lostAtEnd) {
  ring_.close();
  worker_.join();
  if (gate_ == Gate::Open || gate_ == Gate::Failed) {
    Losses lost = ring_.droppedAtEnd();
    lost += lostAtEnd;
    lose(lost, std::nullopt);
  }
  if (progress_.written == 0) ::unlink(request_.path.c_str());
  RecordingSummary summary;
  static_cast<RecordingProgress&>(summary) = progress();
  summary.reason = ownReason_.value_or(reason);
  summary.gaps = gaps_;
  summary.medianUs = intervals_.quantileUs(0.5);
  summary.p99Us = intervals_.quantileUs(0.99);
  summary.maxUs = intervals_.maxUs();
  return summary;
}

RecordingProgress Recorder::progress() const {
  const std::lock_guard lock(mutex_);
  RecordingProgress progress = progress_;
  progress.unsyncedMs = sync_.unsyncedMs();
  progress.maxUnsyncedMs = sync_.maxUnsyncedMs();
  return progress;
}

}  // namespace pimon
