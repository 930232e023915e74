#include "preview/small_picture.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "camera/stamp.h"
#include "helpers/painter.h"

namespace pimon {

namespace {

std::optional<Stamp> stampOf(const SmallPicture& picture) {
  return readStamp({picture.y.data(), picture.width}, picture.width);
}

}  // namespace

TEST_SUITE("small picture") {
  TEST_CASE("a width is made even and brought between 64 and the frame's") {
    CHECK(previewSize({640, 360}, 321) == Size{320, 180});
    CHECK(previewSize({640, 360}, 1) == Size{64, 36});
    CHECK(previewSize({640, 360}, 5000) == Size{640, 360});
  }

  TEST_CASE("it has the frame's shape and stamp, from either format") {
    for (const PixelFormat format : {PixelFormat::Yuv420, PixelFormat::Nv12}) {
      Painter painter({1296, 730}, format, 30);
      const FramePtr frame = painter.next();
      for (const int width : {320, 640, 1296}) {
        SmallPicture picture;
        shrink(*frame, previewSize({1296, 730}, width), picture);
        CHECK(picture.width == width);
        CHECK(picture.height % 2 == 0);
        CHECK(picture.height == doctest::Approx(width * 730.0 / 1296).epsilon(0.01));
        CHECK(stampOf(picture) == stampOf(frame->info));
        CHECK(picture.y.size() == static_cast<size_t>(width) * picture.height);
        CHECK(picture.u.size() == picture.y.size() / 4);
      }
    }
  }

  TEST_CASE("both formats give the same colours, and can be brought to full range") {
    Painter planar({640, 360}, PixelFormat::Yuv420, 30);
    Painter interleaved({640, 360}, PixelFormat::Nv12, 30);
    SmallPicture a;
    SmallPicture b;
    shrink(*planar.next(), {320, 180}, a);
    shrink(*interleaved.next(), {320, 180}, b);
    CHECK(a.u == b.u);
    CHECK(a.v == b.v);
    widenRange(a);
    widenRange(b);
    CHECK(a.u == b.u);
    CHECK(a.v == b.v);
    // The stamp's white and black are the range's ends.
    const auto [least, most] = std::minmax_element(a.y.begin(), a.y.end());
    CHECK(*least == 0);
    CHECK(*most == 255);
  }

  TEST_CASE("the camera's second picture is used where it is wide enough") {
    Painter large({640, 360}, PixelFormat::Yuv420, 30);
    Painter small({320, 180}, PixelFormat::Yuv420, 30);
    const FramePtr main = large.next();
    small.skip(41);
    const FramePtr second = small.next();
    Frame both;
    both.info = main->info;
    both.main = main->main;
    both.preview = second->main;
    SmallPicture picture;
    shrink(both, {320, 180}, picture);
    CHECK(stampOf(picture)->sequence == 42);
    shrink(both, {400, 224}, picture);
    CHECK(stampOf(picture)->sequence == 1);
  }
}

}  // namespace pimon
