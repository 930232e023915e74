#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "camera/synthetic_source.h"
#include "helpers/eventually.h"
#include "helpers/frame_log.h"

namespace pimon {

namespace {

// A running camera with one fault made after a few frames.
class Faulty {
 public:
  explicit Faulty(const Fault& fault) {
    source_.configure({.size = {320, 180}, .fps = 60, .preview = {}, .buffers = 4});
    source_.start(log_);
    CHECK(eventually([&] { return log_.size() >= 3; }));
    source_.inject(fault);
  }

  // Its log after `frames` more frames.
  const FrameLog& after(size_t frames) {
    const size_t before = log_.size();
    CHECK(eventually([&] { return log_.size() >= before + frames; }));
    source_.stop();
    checkAccount(log_.entries());
    return log_;
  }

  FrameLog& log() { return log_; }

 private:
  FrameLog log_;
  SyntheticSource source_;
};

}  // namespace

TEST_SUITE("synthetic camera's faults") {
  TEST_CASE("frames dropped at the sensor are counted there and leave a gap") {
    Faulty faulty({.kind = Fault::Kind::DropAtSensor, .count = 3});
    const FrameLog& log = faulty.after(8);
    CHECK(log.losses()[Stage::Sensor] == 3);
    uint64_t largest = 0;
    for (const FrameLog::Entry& entry : log.entries()) {
      largest = std::max(largest, entry.lostBefore[Stage::Sensor]);
    }
    CHECK(largest == 3);
  }

  TEST_CASE("a short delay loses nothing") {
    Faulty faulty({.kind = Fault::Kind::Delay, .count = 2, .milliseconds = 20});
    const FrameLog& log = faulty.after(8);
    CHECK(log.losses()[Stage::Sensor] == 0);
  }

  TEST_CASE("a delay longer than the buffers last is a loss at the source, older frames first") {
    Faulty faulty({.kind = Fault::Kind::Delay, .count = 1, .milliseconds = 400});
    const FrameLog& log = faulty.after(12);
    CHECK(log.losses()[Stage::Sensor] == 0);
    CHECK(log.losses()[Stage::Source] >= 15);
  }

  TEST_CASE("what the sensor makes during a stall is lost there") {
    Faulty faulty({.kind = Fault::Kind::Stall, .count = 1, .milliseconds = 400});
    const FrameLog& log = faulty.after(8);
    CHECK(log.losses()[Stage::Sensor] >= 20);
    const std::vector<FrameLog::Entry> entries = log.entries();
    int64_t longestNs = 0;
    for (size_t i = 1; i < entries.size(); ++i) {
      longestNs = std::max(longestNs, entries[i].info.sensorNs - entries[i - 1].info.sensorNs);
    }
    CHECK(longestNs >= 380'000'000);
  }

  TEST_CASE("a failure is told once as camera-lost, and nothing comes after it") {
    Faulty faulty({.kind = Fault::Kind::Fail});
    CHECK(eventually([&] { return faulty.log().error().has_value(); }));
    CHECK(faulty.log().error()->code() == "camera-lost");
    const size_t calls = faulty.log().calls();
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    CHECK(faulty.log().calls() == calls);
  }

  TEST_CASE("faults happen one after the other") {
    SyntheticSource source;
    source.configure({.size = {320, 180}, .fps = 120, .preview = {}, .buffers = 4});
    source.inject({.kind = Fault::Kind::DropAtSensor, .count = 2});
    source.inject({.kind = Fault::Kind::Delay, .count = 1, .milliseconds = 10});
    source.inject({.kind = Fault::Kind::DropAtSensor, .count = 5});
    FrameLog log;
    source.start(log);
    CHECK(eventually([&] { return log.size() >= 5; }));
    source.stop();
    checkAccount(log.entries());
    CHECK(log.losses()[Stage::Sensor] == 7);
  }
}

}  // namespace pimon
