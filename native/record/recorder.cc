#include "record/recorder.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "encode/annexb.h"

namespace pimon {

namespace {

// A disk may stall for some seconds (an SD card collecting garbage, a USB disk spinning up).
constexpr PacketRing::Limits kRing{.spanNs = 10'000'000'000, .bytes = size_t{64} << 20};

// A pre-roll is up to a GOP longer than it is asked to be.
constexpr int64_t kGopNs = 10'000'000'000;

std::string stemOf(const RecordingRequest& request, uint32_t segment) {
  if (segment == 0 && !request.numbered) return request.name;
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "_%04u", segment);
  return request.name + number.data();
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

Recorder::Recorder(RecorderListener& listener, MakeContainer makeContainer)
    : listener_(listener),
      makeContainer_(makeContainer),
      ring_(kRing),
      finisher_(std::make_unique<Executor>("finisher")) {}

Recorder::~Recorder() {
  ring_.close();
  worker_.join();
}

void Recorder::start(const RecordingRequest& request, const StreamFormat& format) {
  request_ = request;
  startAtNs_ = request.startAtNs.value_or(0);
  format_ = format;
  progress_.folder = request.folder;
  progress_.name = request.name;
  // What was kept comes all at once, before what the disk may hold up.
  ring_.widen(request.preRollNs == 0 ? PacketRing::Limits{}
                                     : PacketRing::Limits{request.preRollNs + kGopNs, kRing.bytes});
  progress_.segment = request.firstSegment;
  openSegment(request.firstFrame);
  worker_.start(
      "writer", [this] { run(); }, [this](const Error& error) { fail(error); },
      Priority::Recording);
}

void Recorder::push(PacketPtr packet) noexcept { ring_.push(std::move(packet)); }

// ---- The writer thread ------------------------------------------------------------------------

void Recorder::run() {
  for (;;) {
    try {
      flushIfDue();
      const std::optional<PacketRing::Item> item = ring_.pop();
      if (!item) break;
      take(*item);
    } catch (const Error& error) {
      fail(error);
    } catch (const std::exception& error) {
      fail(Error("internal", std::string("Writing the recording failed: ") + error.what()));
    }
  }
  close();
}

// Waits for a packet, and does not let what has gathered wait with it for too long.
void Recorder::flushIfDue() {
  if (gate_ == Gate::Failed) return;
  const std::optional<int64_t> dueNs = segment_->flushDueNs();
  if (!dueNs || ring_.waitUntil(*dueNs)) return;
  segment_->flush(std::nullopt);
  measure();
}

void Recorder::take(const PacketRing::Item& item) {
  const FrameInfo& info = item.packet->info;
  switch (gate_) {
    case Gate::Waiting:
      if (!item.packet->key || info.sensorNs < startAtNs_) return;
      gate_ = Gate::Open;
      parameterSets_ = parameterSets(item.packet->data);
      write({.packet = item.packet, .lostBefore = {}});
      listener_.onFirstFrame(info);
      return;
    case Gate::Open:
      if (request_.maxDurationNs > 0 && info.sensorNs >= endNs()) {
        gate_ = Gate::Closed;
        lose(lostBeforeEnd(item), info.sensorNs);
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

// When a duration is over, by sensor time.
int64_t Recorder::endNs() const {
  return std::max(progress_.first->sensorNs, request_.durationFromNs) + request_.maxDurationNs;
}

// Of the frames lost before `item`, those that the recording would still have taken. They stood
// evenly between the last frame written and this one.
Losses Recorder::lostBeforeEnd(const PacketRing::Item& item) const {
  const uint64_t lost = item.lostBefore.total();
  const int64_t lastNs = progress_.last->sensorNs;
  const int64_t stepNs = (item.packet->info.sensorNs - lastNs) / static_cast<int64_t>(lost + 1);
  const int64_t leftNs = endNs() - lastNs;
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
  {
    const std::lock_guard lock(mutex_);
    if (progress_.last) intervals_.add((info.sensorNs - progress_.last->sensorNs) / 1000);
    if (!progress_.first) progress_.first = info;
    progress_.last = info;
    ++progress_.written;
  }
  if (cutIsDue(*item.packet)) cut(*item.packet);
  segment_->write(*item.packet, item.lostBefore);
  measure();
}

void Recorder::measure() {
  const std::lock_guard lock(mutex_);
  progress_.bytes = earlierBytes_ + (segment_ ? segment_->file().bytes : 0);
}

bool Recorder::cutIsDue(const Packet& packet) {
  const SegmentFile& file = segment_->file();
  if (file.frames == 0) return false;
  const int64_t lengthNs = packet.info.sensorNs - file.first->sensorNs;
  const bool full = (request_.segmentNs > 0 && lengthNs >= request_.segmentNs) ||
                    (request_.segmentBytes > 0 && file.bytes >= request_.segmentBytes);
  if (packet.key) {
    // Pictures after other parameter sets do not belong into the same file.
    const bool asked = splitAsked_.exchange(false);
    return full || asked || parameterSets(packet.data) != parameterSets_;
  }
  if ((full || splitAsked_) && !std::exchange(keyframeAsked_, true)) listener_.onKeyframeWanted();
  return false;
}

void Recorder::cut(const Packet& next) {
  segment_->flush(next.info.sensorNs);
  handOver();
  {
    const std::lock_guard lock(mutex_);
    ++progress_.segment;
  }
  openSegment(request_.firstFrame + earlierFrames_);
  parameterSets_ = parameterSets(next.data);
  keyframeAsked_ = false;
}

// What it has written is flushed; the rest is the finisher's, while the next one is written.
void Recorder::handOver() {
  const std::shared_ptr<Segment> segment = segment_;
  earlierFrames_ += segment->file().frames;
  if (segment->file().last) earlierLast_ = segment->file().last;
  {
    const std::lock_guard lock(mutex_);
    earlierBytes_ += segment->file().bytes;
    maxUnsyncedMs_ = std::max(maxUnsyncedMs_, segment->maxUnsyncedMs());
    segment_.reset();
  }
  finisher_->post([this, segment] { finishSegment(*segment); });
}

void Recorder::openSegment(uint64_t firstFrame) {
  auto segment =
      std::make_shared<Segment>(makeContainer_(request_.container),
                                [this](const Error& error) { end(StopReason::DiskError, error); });
  const SegmentPlace place{request_.folder, stemOf(request_, progress_.segment),
                           name(request_.container)};
  segment->open(place, format_, firstFrame);
  {
    const std::lock_guard lock(mutex_);
    segment_ = segment;
    progress_.video = segment->file().video;
  }
  listener_.onSegmentOpened(segment->file());
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

void Recorder::fail(const Error& error) {
  if (gate_ == Gate::Failed) return;
  // What comes after a closed gate is no loss.
  if (gate_ != Gate::Closed) gate_ = Gate::Failed;
  // What did not reach the kernel is lost. No segment is in work where the next one cannot be made.
  if (segment_) segment_->salvage();
  const uint64_t inFiles = earlierFrames_ + (segment_ ? segment_->file().frames : 0);
  std::optional<FrameInfo> last = earlierLast_;
  if (segment_ && segment_->file().last) last = segment_->file().last;
  Losses lost;
  {
    const std::lock_guard lock(mutex_);
    lost[Stage::Writer] = progress_.written - inFiles;
    progress_.written = inFiles;
    progress_.last = last;
    if (!last) progress_.first.reset();
    for (Gap& gap : gaps_) {
      if (gap.afterFrame >= inFiles) gap = {inFiles, gap.frames, gap.stage, std::nullopt};
    }
  }
  measure();
  lose(lost, std::nullopt);
  end(StopReason::DiskError, error);
}

void Recorder::end(StopReason reason, const std::optional<Error>& error) {
  {
    // An error is told even of a recording that was ending already, but only the first.
    const std::lock_guard lock(mutex_);
    if (ownReason_ && (!error || *ownReason_ == StopReason::DiskError)) return;
    ownReason_ = reason;
  }
  listener_.onRecorderDone(reason, error);
}

// After the last packet.
void Recorder::close() {
  try {
    if (segment_) segment_->flush(std::nullopt);
  } catch (const Error& error) {
    fail(error);
  }
  if (segment_) handOver();
}

// ---- The finisher thread ----------------------------------------------------------------------

void Recorder::finishSegment(Segment& segment) noexcept {
  if (segment.file().frames == 0) {
    segment.discard();
    return;
  }
  try {
    if (!segment.file().closed) segment.close();
  } catch (const std::exception& error) {
    segment.salvage();
    const auto* known = dynamic_cast<const Error*>(&error);
    end(StopReason::DiskError, known != nullptr ? *known : Error("internal", error.what()));
  }
  {
    const std::lock_guard lock(mutex_);
    files_.push_back(segment.file());
    maxUnsyncedMs_ = std::max(maxUnsyncedMs_, segment.maxUnsyncedMs());
  }
  listener_.onSegmentClosed(segment.file());
}

// ---- Any thread -------------------------------------------------------------------------------

RecordingSummary Recorder::finish(StopReason reason, const Losses& lostAtEnd) {
  ring_.close();
  worker_.join();
  finisher_.reset();
  if (gate_ == Gate::Open || gate_ == Gate::Failed) {
    Losses lost = ring_.droppedAtEnd();
    lost += lostAtEnd;
    lose(lost, std::nullopt);
  }
  RecordingSummary summary;
  static_cast<RecordingProgress&>(summary) = progress();
  summary.reason = ownReason_.value_or(reason);
  summary.files = files_;
  summary.bytes = 0;
  for (const SegmentFile& file : files_) summary.bytes += file.bytes;
  summary.gaps = gaps_;
  summary.medianUs = intervals_.quantileUs(0.5);
  summary.p99Us = intervals_.quantileUs(0.99);
  summary.maxUs = intervals_.maxUs();
  return summary;
}

RecordingProgress Recorder::progress() const {
  const std::lock_guard lock(mutex_);
  RecordingProgress progress = progress_;
  progress.unsyncedMs = segment_ ? segment_->unsyncedMs() : 0;
  progress.maxUnsyncedMs = std::max(maxUnsyncedMs_, segment_ ? segment_->maxUnsyncedMs() : 0);
  return progress;
}

}  // namespace pimon
