#include "preview/previewer.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "preview/message.h"

namespace pimon {

namespace {

// A picture is due this share of its period early, so that jitter does not skip every other frame.
constexpr double kEarly = 0.1;

}  // namespace

void Previewer::start() {
  jpeg_.emplace();
  worker_.start(
      "preview", [this] { run(); }, [this](const Error& error) { listener_.onPreviewError(error); },
      Priority::Preview);
}

void Previewer::stop() {
  newest_.close();
  worker_.join();
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wanted_ = false;
  }
  forget();
}

void Previewer::forget() {
  newest_.clear();
  std::vector<Snapshot> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(snapshots_);
  }
  for (const Snapshot& snapshot : left) snapshot.done({});
}

void Previewer::offer(const FramePtr& frame) noexcept {
  if (wanted_ && newest_.put(frame)) ++skipped_;
}

void Previewer::setClasses(std::vector<PreviewClass> classes) {
  const std::lock_guard lock(mutex_);
  std::vector<Class> next;
  for (PreviewClass& wanted : classes) {
    const auto known = std::find_if(classes_.begin(), classes_.end(),
                                    [&](const Class& c) { return c.wanted.id == wanted.id; });
    next.push_back({wanted, known == classes_.end() ? Pace{} : known->pace});
  }
  classes_ = std::move(next);
  wanted_ = isWanted();
}

void Previewer::setPlain(const std::optional<PlainClass>& wanted) {
  const std::lock_guard lock(mutex_);
  plain_.reset();
  if (wanted) plain_ = Plain{*wanted, {}};
  wanted_ = isWanted();
}

bool Previewer::isWanted() const {
  return !stopped_ && (!classes_.empty() || plain_ || !snapshots_.empty());
}

void Previewer::snapshot(int width, int quality, SnapshotDone done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      snapshots_.push_back({width, quality, std::move(done)});
      wanted_ = true;
      return;
    }
  }
  done({});
}

void Previewer::run() {
  while (std::optional<FramePtr> frame = newest_.take()) {
    const FrameInfo info = (*frame)->info;
    std::optional<SmallPicture> plain = duePlain(**frame);
    std::vector<Job> jobs = dueJobs(**frame);
    frame.reset();
    if (plain) listener_.onPlainPicture(std::move(*plain), info);
    for (Job& job : jobs) {
      try {
        finish(job, info);
      } catch (const Error& error) {
        if (!job.classId) job.done({});
        listener_.onPreviewError(error);
      }
      if (job.classId) spare_.push_back(std::move(job.picture));
    }
  }
}

bool Previewer::Pace::take(double fps, int64_t sensorNs) {
  const double periodNs = 1e9 / fps;
  if (sensorNs < dueNs - static_cast<int64_t>(periodNs * kEarly)) return false;
  const auto period = static_cast<int64_t>(periodNs);
  if (dueNs == 0) dueNs = sensorNs;  // a class begins with its first picture
  dueNs = std::max(dueNs + period, sensorNs + period / 2);
  return true;
}

std::optional<SmallPicture> Previewer::duePlain(const Frame& frame) {
  int width = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!plain_ || !plain_->pace.take(plain_->wanted.fps, frame.info.sensorNs)) return {};
    width = plain_->wanted.width;
  }
  SmallPicture picture;
  shrink(frame, previewSize({frame.main.width, frame.main.height}, width), picture);
  return picture;
}

std::vector<Previewer::Job> Previewer::dueJobs(const Frame& frame) {
  std::vector<Job> jobs;
  std::vector<int> widths;
  {
    const std::lock_guard lock(mutex_);
    for (Class& c : classes_) {
      if (!c.pace.take(c.wanted.fps, frame.info.sensorNs)) continue;
      jobs.push_back(
          {.quality = c.wanted.quality, .classId = c.wanted.id, .done = {}, .picture = {}});
      widths.push_back(c.wanted.width);
    }
    for (Snapshot& snapshot : snapshots_) {
      jobs.push_back({.quality = snapshot.quality,
                      .classId = std::nullopt,
                      .done = std::move(snapshot.done),
                      .picture = {}});
      widths.push_back(snapshot.width);
    }
    snapshots_.clear();
    wanted_ = isWanted();
  }
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].picture = sparePicture();
    shrink(frame, previewSize({frame.main.width, frame.main.height}, widths[i]), jobs[i].picture);
  }
  return jobs;
}

void Previewer::finish(Job& job, const FrameInfo& info) {
  std::this_thread::sleep_for(std::chrono::milliseconds(stallMs_.exchange(0)));
  widenRange(job.picture);
  const std::span<const uint8_t> jpeg = jpeg_->encode(job.picture, job.quality);
  ++encoded_;
  if (job.classId) {
    listener_.onPreview({*job.classId, previewMessage(MessageType::Jpeg, true, info, jpeg)});
  } else {
    job.done({jpeg.begin(), jpeg.end()});
  }
}

SmallPicture Previewer::sparePicture() {
  if (spare_.empty()) return {};
  SmallPicture picture = std::move(spare_.back());
  spare_.pop_back();
  return picture;
}

}  // namespace pimon
