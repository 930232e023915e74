#include "camera/synthetic_source.h"

#include <doctest/doctest.h>

#include "helpers/eventually.h"
#include "helpers/frame_log.h"

namespace pimon {

namespace {

SourceConfig asked(Size size, double fps) {
  return {.size = size, .fps = fps, .preview = {}, .buffers = 4};
}

std::vector<FrameLog::Entry> run(const SourceConfig& config, size_t frames) {
  SyntheticSource source;
  source.configure(config);
  FrameLog log;
  source.start(log);
  CHECK(eventually([&] { return log.size() >= frames; }));
  source.stop();
  return log.entries();
}

}  // namespace

TEST_SUITE("synthetic camera") {
  TEST_CASE("the stamp of every frame says its sequence and its sensor time") {
    for (const auto& config : {asked({320, 180}, 120), asked({1296, 730}, 60)}) {
      const std::vector<FrameLog::Entry> entries = run(config, 10);
      checkAccount(entries);
      for (const FrameLog::Entry& entry : entries) CHECK(entry.stamp == stampOf(entry.info));
    }
  }

  TEST_CASE("sizes are made even and brought into its range, rates too") {
    SyntheticSource source;
    CHECK(source.configure(asked({641, 361}, 30)).size == Size{640, 360});
    CHECK(source.configure(asked({10, 10}, 30)).size == Size{320, 180});
    CHECK(source.configure(asked({10'000, 10'000}, 1000)).size == Size{4096, 2304});
    CHECK(source.configure(asked({640, 360}, 1000)).fps == 240);
    CHECK(source.configure(asked({640, 360}, 29.97)).fps == 29.97);
  }

  TEST_CASE("4K gives whole frames") {
    const std::vector<FrameLog::Entry> entries = run(asked({3840, 2160}, 30), 2);
    checkAccount(entries);
    for (const FrameLog::Entry& entry : entries) CHECK(entry.stamp == stampOf(entry.info));
  }

  TEST_CASE("240 frames a second are 240 by sensor time") {
    const std::vector<FrameLog::Entry> entries = run(asked({320, 180}, 240), 60);
    checkAccount(entries);
    const FrameInfo& first = entries.front().info;
    const FrameInfo& last = entries.back().info;
    const auto seconds = static_cast<double>(last.sensorNs - first.sensorNs) / 1e9;
    CHECK(static_cast<double>(last.sequence - first.sequence) / seconds ==
          doctest::Approx(240).epsilon(0.001));
  }

  TEST_CASE("a second stream is not among what it gives") {
    SyntheticSource source;
    SourceConfig config = asked({640, 360}, 30);
    config.preview = Size{320, 180};
    CHECK_FALSE(source.configure(config).preview);
  }

  TEST_CASE(
      "frames tell the exposure, which moves while it is automatic and stays when it is set") {
    SyntheticExposure exposure;
    const SyntheticExposure::State first = exposure.at(0);
    CHECK(first.exposureUs == doctest::Approx(10'000));
    CHECK(first.steps == 0);
    CHECK(exposure.at(15).exposureUs == doctest::Approx(10'000 / 1.02));
    CHECK(exposure.at(15).steps == 0);

    exposure.set({{"AeEnable", false}, {"ExposureTime", 20'000.0}, {"AnalogueGain", 2.0}});
    CHECK(exposure.at(0).exposureUs == 20'000);
    CHECK(exposure.at(15).gain == 2);
    CHECK(exposure.at(0).steps == 80);

    SyntheticSource source;
    source.setControls({{"AeEnable", false}, {"ExposureTime", 5'000.0}});
    source.configure(asked({320, 180}, 120));
    FrameLog log;
    source.start(log);
    CHECK(eventually([&] { return log.size() > 0; }));
    source.stop();
    CHECK(log.entries().front().info.exposureUs == 5'000);
    CHECK_THROWS_AS(source.setControls({{"ExposureTime", 1e9}}), Error);
  }

  TEST_CASE("Brightness lifts the picture while it runs") {
    SyntheticSource source;
    source.configure(asked({320, 180}, 120));
    FrameLog log;
    log.hold();
    source.start(log);
    CHECK(eventually([&] { return log.held() > 0; }));
    const FramePtr before = log.release().front();
    source.setControls({{"Brightness", 1.0}});
    const size_t sizeThen = log.size();
    CHECK(eventually([&] { return log.size() > sizeThen + 4; }));
    log.hold();
    CHECK(eventually([&] { return log.held() > 0; }));
    const FramePtr after = log.release().front();
    source.stop();
    const auto middle = [](const FramePtr& frame) {
      const Plane& luma = frame->main.planes[0];
      return luma.data[static_cast<ptrdiff_t>(170) * luma.stride + 10];
    };
    CHECK(middle(after) > middle(before) + 30);
  }
}

}  // namespace pimon
