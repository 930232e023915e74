#include <doctest/doctest.h>

#include <cerrno>

#include "session.h"

namespace {

struct Wanted {
  uint32_t width = 1920;
  uint32_t height = 1080;
  uint32_t fps = 30;
  int32_t level = V4L2_MPEG_VIDEO_H264_LEVEL_4_0;
  int32_t bitrate = 10'000'000;
  int32_t mode = V4L2_MPEG_VIDEO_BITRATE_MODE_VBR;
  int32_t profile = V4L2_MPEG_VIDEO_H264_PROFILE_HIGH;
};

int startOf(const Wanted& wanted) {
  SessionOptions options;
  options.width = wanted.width;
  options.height = wanted.height;
  options.fps = wanted.fps;
  options.frames = options.captures = 1;
  options.controls = {{V4L2_CID_MPEG_VIDEO_BITRATE_MODE, wanted.mode},
                      {V4L2_CID_MPEG_VIDEO_BITRATE, wanted.bitrate},
                      {V4L2_CID_MPEG_VIDEO_H264_PROFILE, wanted.profile},
                      {V4L2_CID_MPEG_VIDEO_H264_LEVEL, wanted.level}};
  return Session(options).error();
}

}  // namespace

TEST_CASE("3: level 4.0 goes up to 1080p30 and 10 Mb/s") { CHECK(startOf({}) == 0); }

TEST_CASE("3: ESRCH for CBR with HIGH") {
  Wanted wanted;
  wanted.mode = V4L2_MPEG_VIDEO_BITRATE_MODE_CBR;
  CHECK(startOf(wanted) == ESRCH);
  wanted.profile = V4L2_MPEG_VIDEO_H264_PROFILE_MAIN;
  CHECK(startOf(wanted) == 0);
}

TEST_CASE("3: ESRCH for 25 Mb/s at level 4.0; 20 works, and 25 at 4.1") {
  Wanted wanted;
  wanted.bitrate = 25'000'000;
  CHECK(startOf(wanted) == ESRCH);
  wanted.level = V4L2_MPEG_VIDEO_H264_LEVEL_4_1;
  CHECK(startOf(wanted) == 0);
  wanted.level = V4L2_MPEG_VIDEO_H264_LEVEL_4_0;
  wanted.bitrate = 20'000'000;
  CHECK(startOf(wanted) == 0);
}

TEST_CASE("1: a level too low for the macroblock rate makes the firmware refuse to start: ESRCH") {
  Wanted wanted;
  wanted.fps = 31;
  CHECK(startOf(wanted) == ESRCH);
  wanted.level = V4L2_MPEG_VIDEO_H264_LEVEL_4_2;
  CHECK(startOf(wanted) == 0);
}

TEST_CASE("3: ESRCH for a size above the level") {
  Wanted wanted;
  wanted.fps = 1;
  wanted.bitrate = 1'000'000;
  wanted.level = V4L2_MPEG_VIDEO_H264_LEVEL_3_1;
  CHECK(startOf(wanted) == ESRCH);
  wanted.width = 1280;
  wanted.height = 720;
  CHECK(startOf(wanted) == 0);
}

TEST_CASE("3: ESRCH for an unaligned stride, which old kernels let through") {
  Fault old("OLD_KERNEL", "1");
  SessionOptions options;
  options.width = 1296;
  options.height = 972;
  options.fps = 10;
  CHECK(Session(options).error() == ESRCH);
  options.stride = 1344;
  CHECK(Session(options).error() == 0);
}

TEST_CASE("3: EPERM when gpu_mem is too small; EINTR can appear (fault REFUSE)") {
  {
    Fault small("REFUSE", "EPERM");
    CHECK(Session().error() == EPERM);
  }
  Fault interrupted("REFUSE", "EINTR:2");
  Session session;
  CHECK(session.error() == EINTR);
  CHECK(session.start() == EINTR);
  CHECK(session.start() == 0);
}

TEST_CASE("3: refusals come at STREAMON(OUTPUT), not before and not for CAPTURE") {
  Fault refusing("REFUSE", "ESRCH");
  const Node node;
  v4l2_format format = formatOf(outputType, 640, 480, V4L2_PIX_FMT_YUV420);
  CHECK(node.setFormat(format) == 0);
  CHECK(node.requestBuffers(outputType, 4, V4L2_MEMORY_MMAP) == 4);
  CHECK(node.requestBuffers(captureType, 4, V4L2_MEMORY_MMAP) == 4);
  CHECK(node.streamOn(captureType) == 0);
  CHECK(node.streamOn(outputType) == ESRCH);
}

TEST_CASE("3: REQBUFS ENOMEM: CMA is exhausted") {
  Fault budget("CMA", "2M");
  const Node node;
  CHECK(node.requestBuffers(captureType, 12, V4L2_MEMORY_MMAP) == -ENOMEM);
  CHECK(node.requestBuffers(captureType, 3, V4L2_MEMORY_MMAP) == 3);
}

TEST_CASE("2: S_PARM is for OUTPUT; for CAPTURE it is EINVAL") {
  const Node node;
  v4l2_streamparm parameters{};
  parameters.type = captureType;
  parameters.parm.output.timeperframe = {1, 30};
  CHECK(node.call(VIDIOC_S_PARM, &parameters) == EINVAL);
  parameters.type = outputType;
  CHECK(node.call(VIDIOC_S_PARM, &parameters) == 0);
  parameters.parm.output.timeperframe = {0, 30};
  CHECK(node.call(VIDIOC_S_PARM, &parameters) == EINVAL);
  CHECK(node.call(VIDIOC_G_PARM, &parameters) == 0);
  CHECK(parameters.parm.output.timeperframe.denominator == 30);
}
