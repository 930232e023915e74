// What the Pi's encoder is told, and what is told of its refusals.
#include "encode/v4l2_plan.h"

#include <doctest/doctest.h>
#include <linux/v4l2-controls.h>

#include <cerrno>

namespace pimon {

namespace {

StreamFormat streamOf(int width, int height, double fps) {
  StreamFormat format;
  format.size = {width, height};
  format.fps = fps;
  return format;
}

V4l2Plan planAt(const StreamFormat& format, int bitrate) {
  EncoderSettings settings;
  settings.bitrate = bitrate;
  return planFor(format, settings);
}

}  // namespace

TEST_SUITE("v4l2 plan") {
  TEST_CASE("the level follows size, rate and bitrate") {
    const StreamFormat full = streamOf(1920, 1080, 30);
    CHECK(planAt(full, 10'000'000).level == V4L2_MPEG_VIDEO_H264_LEVEL_4_0);
    CHECK(planAt(full, 10'025'000).level == V4L2_MPEG_VIDEO_H264_LEVEL_4_1);
    CHECK(planAt(streamOf(1920, 1080, 50), 8'000'000).level == V4L2_MPEG_VIDEO_H264_LEVEL_4_2);
    CHECK(planAt(streamOf(1280, 720, 60), 8'000'000).level == V4L2_MPEG_VIDEO_H264_LEVEL_4_0);
  }

  TEST_CASE(
      "the bitrate is one that the driver can be told, and follows the "
      "size where none is set") {
    const StreamFormat format = streamOf(1280, 720, 30);
    CHECK(planAt(format, 1'010'000).bitrate == 1'000'000);
    CHECK(planAt(format, 1).bitrate == 25'000);
    CHECK(planAt(format, 90'000'000).bitrate == 25'000'000);
    CHECK(planAt(format, 0).bitrate > 3'500'000);
    CHECK(planAt(format, 0).bitrate < 4'500'000);
    CHECK(planAt(streamOf(1920, 1080, 30), 0).bitrate > 2 * planAt(format, 0).bitrate);
  }

  TEST_CASE(
      "coded buffers are larger than any frame: 1 MiB up to 720p, 2 MiB "
      "above") {
    CHECK(planAt(streamOf(1280, 720, 30), 0).codedBytes == 1u << 20);
    CHECK(planAt(streamOf(1920, 1080, 30), 0).codedBytes == 2u << 20);
  }

  TEST_CASE("the keyframe distance is a time, told in frames") {
    EncoderSettings settings;
    settings.gop = std::chrono::milliseconds(500);
    CHECK(planFor(streamOf(1280, 720, 30), settings).keyframePeriod == 15);
    settings.gop = std::chrono::milliseconds(1);
    CHECK(planFor(streamOf(1280, 720, 30), settings).keyframePeriod == 1);
  }

  TEST_CASE("1080p30 fits the hardware, more does not") {
    CHECK_FALSE(whyTooMuch(streamOf(1920, 1080, 30)));
    CHECK_FALSE(whyTooMuch(streamOf(1920, 1088, 30)));
    CHECK(whyTooMuch(streamOf(1920, 1080, 31)));
    CHECK(whyTooMuch(streamOf(2304, 1296, 10)));
    CHECK(whyTooMuch(streamOf(1280, 720, 240)));
  }

  TEST_CASE("each refusal of the firmware says what to do") {
    for (const int errnum : {ENOMEM, EPERM, ESRCH, EINTR, EBUSY}) {
      const std::string words = refusal(errnum);
      CHECK(words.find(": ") != std::string::npos);
      CHECK(words.ends_with("."));
    }
    CHECK(refusal(EIO).find("Input/output error") != std::string::npos);
  }
}

}  // namespace pimon
