#include "camera/stamp.h"

#include <doctest/doctest.h>
#include <libyuv.h>

#include "helpers/painter.h"

namespace pimon {

namespace {

std::optional<Stamp> scaledStamp(const Frame& frame, int width, libyuv::FilterMode filter) {
  const int height = frame.main.height * width / frame.main.width;
  std::vector<uint8_t> luma(static_cast<size_t>(width) * height);
  const Plane& plane = frame.main.planes[0];
  libyuv::ScalePlane(plane.data, plane.stride, frame.main.width, frame.main.height, luma.data(),
                     width, width, height, filter);
  return readStamp({luma.data(), width}, width);
}

}  // namespace

TEST_SUITE("stamp") {
  TEST_CASE("it holds the sequence modulo 65 536 and the sensor time in microseconds") {
    FrameInfo info;
    info.sequence = 65'536 * 3 + 7;
    info.sensorNs = 4'061'637'714'501;
    CHECK(stampOf(info) == Stamp{7, 4'061'637'714});
  }

  TEST_CASE("it reads back at any width, and after scaling as a preview is") {
    struct {
      Size size;
      int scaled;
    } const cases[] = {{{320, 180}, 320},   {{1296, 730}, 640},  {{1296, 972}, 640},
                       {{2304, 1296}, 854}, {{1920, 1080}, 640}, {{4096, 2304}, 320}};
    for (const auto& [size, scaled] : cases) {
      CAPTURE(size.width);
      CAPTURE(scaled);
      Painter painter(size, PixelFormat::Yuv420, 30);
      for (int i = 0; i < 3; ++i) {
        const FramePtr frame = painter.next();
        const Stamp wanted = stampOf(frame->info);
        CHECK(readStamp(frame->main.planes[0], size.width) == wanted);
        CHECK(scaledStamp(*frame, scaled, libyuv::kFilterBox) == wanted);
        CHECK(scaledStamp(*frame, scaled, libyuv::kFilterBilinear) == wanted);
      }
    }
  }

  TEST_CASE("a picture without a stamp has none") {
    const std::vector<uint8_t> grey(320 * 180, 120);
    CHECK_FALSE(readStamp({grey.data(), 320}, 320));
  }
}

}  // namespace pimon
