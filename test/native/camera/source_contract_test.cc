// What every frame source owes its listener (camera/frame_source.h), over each in turn.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "helpers/eventually.h"
#include "helpers/frame_log.h"
#include "helpers/sources.h"

namespace pimon {

namespace {

constexpr size_t kSome = 12;  // frames

// For things that must not happen: long enough for them to happen.
void waitFrames(const StreamFormat& format, double frames) {
  std::this_thread::sleep_for(std::chrono::duration<double>(frames / format.fps));
}

void checkPicture(const Picture& picture, Size size, PixelFormat format) {
  CHECK(picture.width == size.width);
  CHECK(picture.height == size.height);
  CHECK(picture.format == format);
  const bool nv12 = format == PixelFormat::Nv12;
  const int chromaBytes = nv12 ? size.width : size.width / 2;
  CHECK(picture.planes[0].stride >= size.width);
  CHECK(picture.planes[1].stride >= chromaBytes);
  CHECK((picture.planes[2].data == nullptr) == nv12);
  // The last byte of each plane is there.
  int sum = 0;
  for (size_t i = 0; i < (nv12 ? 2U : 3U); ++i) {
    const int rows = i == 0 ? size.height : size.height / 2;
    const int bytes = i == 0 ? size.width : chromaBytes;
    const Plane& plane = picture.planes[i];
    sum += plane.data[static_cast<ptrdiff_t>(rows - 1) * plane.stride + bytes - 1];
  }
  CHECK(sum > 0);
}

}  // namespace

TEST_SUITE("frame source") {
  TEST_CASE("frames come in order, and what is missing between them was told") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        source->configure(tested.config);
        FrameLog log;
        source->start(log);
        CHECK(eventually([&] { return log.size() >= kSome; }));
        source->stop();
        checkAccount(log.entries());
        CHECK(log.losses()[Stage::Encoder] + log.losses()[Stage::Writer] == 0);
        CHECK_FALSE(log.error());
      }
  }

  TEST_CASE("a stream has the format that configure returned") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        const StreamFormat format = source->configure(tested.config);
        CHECK(format.size.width % 2 == 0);
        CHECK(format.size.height % 2 == 0);
        FrameLog log;
        log.hold();
        source->start(log);
        CHECK(eventually([&] { return log.held() > 0; }));
        source->stop();
        for (const FramePtr& frame : log.release()) {
          checkPicture(frame->main, format.size, format.pixelFormat);
          CHECK(frame->preview.has_value() == format.preview.has_value());
          if (frame->preview) {
            checkPicture(*frame->preview, *format.preview, frame->preview->format);
            CHECK(frame->preview->width <= frame->main.width);
          }
          CHECK(frame->info.wallUs > 0);
        }
      }
  }

  TEST_CASE(
      "held frames take their buffers, the next are lost and counted, released ones come back") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        const StreamFormat format = source->configure(tested.config);
        const auto buffers = static_cast<size_t>(tested.config.buffers);
        FrameLog log;
        log.hold();
        source->start(log);
        CHECK(eventually([&] { return log.held() == buffers; }));
        waitFrames(format, 5);
        std::vector<FramePtr> held = log.release();
        CHECK(held.size() == buffers);
        std::set<int> indices;
        for (const FramePtr& frame : held) indices.insert(frame->bufferIndex);
        CHECK(indices.size() == buffers);
        CHECK(*indices.begin() == 0);
        CHECK(*indices.rbegin() == tested.config.buffers - 1);

        const size_t before = log.size();
        held.clear();
        CHECK(eventually([&] { return log.size() >= before + 2 * buffers; }));
        source->stop();
        CHECK(log.losses()[Stage::Source] > 0);
        checkAccount(log.entries());
      }
  }

  TEST_CASE("no call reaches the listener after stop") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        const StreamFormat format = source->configure(tested.config);
        FrameLog log;
        source->start(log);
        CHECK(eventually([&] { return log.size() > 2; }));
        source->stop();
        const size_t calls = log.calls();
        waitFrames(format, 5);
        CHECK(log.calls() == calls);
        source->stop();
        CHECK(log.calls() == calls);
      }
  }

  TEST_CASE("a frame outlives the stop of its source and the source itself") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        auto source = tested.open();
        source->configure(tested.config);
        FrameLog log;
        log.hold();
        source->start(log);
        CHECK(eventually([&] { return log.held() >= 3; }));
        source->stop();
        std::vector<FramePtr> held = log.release();
        const std::vector<FrameLog::Entry> entries = log.entries();
        held.pop_back();
        source.reset();
        for (size_t i = 0; i < held.size(); ++i)
          CHECK(lumaSum(held[i]->main) == entries[i].lumaSum);
        std::thread([frames = std::move(held)]() mutable { frames.clear(); }).join();
      }
  }

  TEST_CASE("it starts again, and frames of the run before do not get into the way") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        source->configure(tested.config);
        const auto buffers = static_cast<size_t>(tested.config.buffers);
        FrameLog first;
        first.hold();
        source->start(first);
        CHECK(eventually([&] { return first.held() == buffers; }));
        source->stop();
        const std::vector<FrameLog::Entry> entries = first.entries();

        FrameLog second;
        source->start(second);
        CHECK(eventually([&] { return second.size() > 2 * buffers; }));
        std::vector<FramePtr> late = first.release();
        for (size_t i = 0; i < late.size(); ++i)
          CHECK(lumaSum(late[i]->main) == entries[i].lumaSum);
        late.clear();
        const size_t before = second.size();
        CHECK(eventually([&] { return second.size() > before + 2 * buffers; }));
        source->stop();
        checkAccount(second.entries());
        CHECK(first.size() == entries.size());

        source->configure(tested.config);
        FrameLog third;
        source->start(third);
        CHECK(eventually([&] { return third.size() > 2; }));
        source->stop();
      }
  }

  TEST_CASE("the picture moves") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        source->configure(tested.config);
        FrameLog log;
        source->start(log);
        CHECK(eventually([&] { return log.size() >= kSome; }));
        source->stop();
        std::set<uint64_t> pictures;
        for (const FrameLog::Entry& entry : log.entries()) pictures.insert(entry.lumaSum);
        CHECK(pictures.size() > kSome / 2);
      }
  }

  TEST_CASE("sensor time runs at the rate that configure returned") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        const StreamFormat format = source->configure(tested.config);
        FrameLog log;
        source->start(log);
        CHECK(eventually([&] { return log.size() >= 2 * kSome; }));
        source->stop();
        // The median of the distances: single ones may be late where the source has only the clock.
        std::vector<double> frames;
        const std::vector<FrameLog::Entry> entries = log.entries();
        for (size_t i = 1; i < entries.size(); ++i) {
          const FrameInfo& before = entries[i - 1].info;
          const FrameInfo& now = entries[i].info;
          const auto elapsed =
              static_cast<double>(now.sensorNs - before.sensorNs) * format.fps / 1e9;
          frames.push_back(elapsed / static_cast<double>(now.sequence - before.sequence));
        }
        std::sort(frames.begin(), frames.end());
        CHECK(frames[frames.size() / 2] ==
              doctest::Approx(1).epsilon(tested.isSynthetic ? 0.01 : 0.3));
      }
  }

  TEST_CASE("every control takes the value it shows, and its default") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        source->configure(tested.config);
        std::set<std::string> ids;
        for (const ControlInfo& control : source->controls()) {
          INFO(control.id);
          CHECK(ids.insert(control.id).second);
          CHECK_NOTHROW(source->setControls({{control.id, control.value}}));
          CHECK_NOTHROW(source->setControls({{control.id, control.defaultValue}}));
          if (control.min && control.max) CHECK(*control.min <= *control.max);
        }
      }
  }

  TEST_CASE("controls are set all or none, also while it runs") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        source->configure(tested.config);
        FrameLog log;
        source->start(log);
        try {
          source->setControls({{"NoSuchControl", 1.0}});
          CHECK_MESSAGE(false, "an unknown control was taken");
        } catch (const Error& error) {
          CHECK(error.code() == "invalid-value");
          CHECK(error.field() == "controls.NoSuchControl");
        }
        for (const ControlInfo& control : source->controls()) {
          if (control.type != ControlType::Number || !control.min || !control.max) continue;
          const auto value = [&] {
            for (const ControlInfo& now : source->controls()) {
              if (now.id == control.id) return std::get<double>(now.value);
            }
            return -1e9;
          };
          const double before = value();
          const double other = before == *control.max ? *control.min : *control.max;
          CHECK_THROWS_AS(source->setControls({{control.id, other}, {"ZZZ", 1.0}}), Error);
          CHECK_THROWS_AS(source->setControls({{control.id, *control.max + 1}}), Error);
          CHECK_THROWS_AS(source->setControls({{control.id, std::string("much")}}), Error);
          CHECK(value() == before);
          source->setControls({{control.id, other}});
          CHECK(value() == doctest::Approx(other));
        }
        source->stop();
      }
  }

  TEST_CASE("only the synthetic camera takes faults") {
    for (const SourceCase& tested : sourceCases()) SUBCASE(tested.name.c_str()) {
        const auto source = tested.open();
        const Fault fault{.kind = Fault::Kind::DropAtSensor};
        if (tested.isSynthetic) {
          CHECK_NOTHROW(source->inject(fault));
        } else {
          CHECK_THROWS_AS(source->inject(fault), Error);
        }
      }
  }
}

}  // namespace pimon
