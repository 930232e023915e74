// That a busy moment costs no frame: the camera's buffers are where frames wait for the encoder.
#include <doctest/doctest.h>

#include <atomic>

#include "camera/synthetic_source.h"
#include "encode/software_encoder.h"
#include "helpers/eventually.h"
#include "helpers/fakepi.h"
#include "helpers/packet_log.h"

namespace pimon {

namespace {

const SourceConfig kConfig{.size = {320, 180}, .fps = 60, .preview = {}, .buffers = 6};

// From a camera into an encoder, as the pipeline does it.
class Feed final : public FrameListener {
 public:
  explicit Feed(Encoder& encoder) : encoder_(encoder) {}

  void onFrame(FramePtr frame) noexcept override {
    ++submitted;
    if (encoder_.submit(std::move(frame), {}) != Submitted::Yes) ++lost;
  }
  void onLost(Stage /*stage*/, uint64_t frames) noexcept override { lost += frames; }
  void onSourceError(const Error& /*error*/) noexcept override {}

  std::atomic<uint64_t> submitted = 0;
  std::atomic<uint64_t> lost = 0;

 private:
  Encoder& encoder_;
};

}  // namespace

TEST_SUITE("camera buffers") {
  TEST_CASE("half a second of frames waits for the software encoder, within the memory for it") {
    if (FakePi::isHere()) return;  // here is a hardware encoder
    CHECK(cameraBuffers({.size = {1280, 720}, .fps = 25, .preview = {}, .buffers = 0}) == 14);
    CHECK(cameraBuffers({.size = {320, 180}, .fps = 120, .preview = {}, .buffers = 0}) == 16);
    CHECK(cameraBuffers({.size = {4096, 2304}, .fps = 30, .preview = {}, .buffers = 0}) == 6);
    CHECK(cameraBuffers({.size = {640, 480}, .fps = 1, .preview = {}, .buffers = 0}) == 6);
  }

  TEST_CASE("while the encoder waits for the processor no frame is lost that a buffer can hold") {
    if (FakePi::isHere()) return;
    SourceConfig config = kConfig;
    config.buffers = cameraBuffers(config);
    SyntheticSource source;
    SoftwareEncoder encoder({});
    PacketLog log;
    encoder.start(source.configure(config), log);
    Feed feed(encoder);
    source.start(feed);
    CHECK(eventually([&] { return log.size() > 3; }));
    log.block();
    const uint64_t from = feed.submitted;
    CHECK(eventually([&] { return feed.submitted >= from + 10; }));
    log.unblock();
    CHECK(feed.lost == 0);
    CHECK(eventually([&] { return log.size() > from + 12; }));
    source.stop();
    CHECK(encoder.drain(std::chrono::seconds(10)).total() == 0);
    encoder.stop();
    CHECK(log.size() + feed.lost == feed.submitted);
  }
}

}  // namespace pimon
