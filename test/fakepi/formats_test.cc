#include <doctest/doctest.h>

#include <cerrno>

#include "decoded.h"

namespace {

PixelFormat triedOf(uint32_t type, uint32_t width, uint32_t height, uint32_t fourcc,
                    uint32_t stride = 0, uint32_t size = 0) {
  const Node node;
  v4l2_format format = formatOf(type, width, height, fourcc);
  format.fmt.pix_mp.plane_fmt[0].bytesperline = stride;
  format.fmt.pix_mp.plane_fmt[0].sizeimage = size;
  REQUIRE(node.call(VIDIOC_TRY_FMT, &format) == 0);
  v4l2_format set = formatOf(type, width, height, fourcc);
  set.fmt.pix_mp.plane_fmt[0].bytesperline = stride;
  set.fmt.pix_mp.plane_fmt[0].sizeimage = size;
  REQUIRE(node.setFormat(set) == 0);
  CHECK(contentOf(set).stride == contentOf(format).stride);
  return contentOf(set);
}

uint32_t strideOf(uint32_t width, uint32_t fourcc, uint32_t asked = 0) {
  return triedOf(outputType, width, 480, fourcc, asked).stride;
}

}  // namespace

TEST_CASE("1: input formats are YU12, YV12, NV12, NV21, YUYV and RGB variants") {
  for (uint32_t fourcc :
       {V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_YVU420, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV21,
        V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_RGB565, V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_BGR32}) {
    CHECK(triedOf(outputType, 640, 480, fourcc).fourcc == fourcc);
  }
}

TEST_CASE("1: bytesperline is aligned to 64 for YU12 and YV12, 32 for NV12, NV21, RGB565, RGB24") {
  // 1296 is a camera's width that is no multiple of 32.
  CHECK(strideOf(1296, V4L2_PIX_FMT_YUV420) == 1344);
  CHECK(strideOf(1296, V4L2_PIX_FMT_YVU420) == 1344);
  CHECK(strideOf(1296, V4L2_PIX_FMT_NV12) == 1312);
  CHECK(strideOf(1296, V4L2_PIX_FMT_NV21) == 1312);
  CHECK(strideOf(1290, V4L2_PIX_FMT_RGB565) == 2592);
  CHECK(strideOf(1290, V4L2_PIX_FMT_RGB24) == 3872);
}

TEST_CASE("1: bytesperline is aligned to 64 for packed YUV and 32-bit RGB") {
  CHECK(strideOf(1290, V4L2_PIX_FMT_YUYV) == 2624);
  CHECK(strideOf(1290, V4L2_PIX_FMT_BGR32) == 5184);
}

TEST_CASE("1: on old kernels YU12 is aligned to 32") {
  Fault old("OLD_KERNEL", "1");
  CHECK(strideOf(1296, V4L2_PIX_FMT_YUV420) == 1312);
}

TEST_CASE("1: a larger requested stride is honoured, a smaller one is raised silently") {
  CHECK(strideOf(640, V4L2_PIX_FMT_YUV420, 768) == 768);
  CHECK(strideOf(640, V4L2_PIX_FMT_YUV420, 100) == 640);
  CHECK(triedOf(outputType, 640, 480, V4L2_PIX_FMT_YUV420, 768).sizeImage == 768 * 480 * 3 / 2);
}

TEST_CASE("1: S_FMT may return a larger stride than asked (fault STRIDE)") {
  Fault wider("STRIDE", "64");
  CHECK(strideOf(640, V4L2_PIX_FMT_YUV420, 640) == 704);
}

TEST_CASE("1: chroma stride of YU12 is bytesperline/2, planes are contiguous; nothing shears") {
  SessionOptions options;
  options.width = 336;
  options.stride = 448;
  Session session(options);
  REQUIRE(session.error() == 0);
  const uint32_t stride = session.raw().stride;
  REQUIRE(stride == 448);
  uint8_t* frame = session.frame(0);
  const size_t luma = static_cast<size_t>(stride) * 240;
  // Dark on the left and bright on the right half of the picture; garbage beyond its width.
  for (uint32_t y = 0; y < 240; ++y) {
    for (uint32_t x = 0; x < stride; ++x) {
      frame[static_cast<size_t>(y) * stride + x] = x < 168 ? 50 : x < 336 ? 200 : 7;
    }
  }
  // The same of both chroma planes, by their own stride.
  for (size_t at = 0; at < luma / 4; ++at) {
    const size_t column = at % (stride / 2);
    frame[luma + at] = column < 84 ? 90 : column < 168 ? 170 : 7;
    frame[luma + luma / 4 + at] = column < 84 ? 160 : column < 168 ? 80 : 7;
  }
  REQUIRE(session.queueOutput(0, 0) == 0);
  const Stream stream = decode(session.drain());
  REQUIRE(stream.pictures.size() == 1);
  const Picture& picture = stream.pictures[0];
  CHECK(picture.width == 336);
  CHECK(std::abs(picture.cb - 90) < 4);
  CHECK(std::abs(picture.cr - 160) < 4);
  for (int i : {0, 2}) CHECK(std::abs(picture.corners[i] - 50) < 6);
  for (int i : {1, 3}) CHECK(std::abs(picture.corners[i] - 200) < 6);
}

TEST_CASE("1: height is not padded: 1080 stays 1080 and sizeimage is bytesperline * h * 3/2") {
  const auto pix = triedOf(outputType, 1920, 1080, V4L2_PIX_FMT_YUV420);
  CHECK(pix.height == 1080);
  CHECK(pix.sizeImage == 1920 * 1080 * 3 / 2);
  SessionOptions options;
  options.height = 232;  // not a multiple of 16
  Session session(options);
  const Stream stream = decode(session.encode(2));
  REQUIRE(stream.pictures.size() == 2);
  CHECK(stream.pictures[0].height == 232);
}

TEST_CASE("1: TRY/S_FMT clamp silently to 32...1920, stepwise 2") {
  auto pix = triedOf(outputType, 4000, 3000, V4L2_PIX_FMT_YUV420);
  CHECK(pix.width == 1920);
  CHECK(pix.height == 1920);
  pix = triedOf(outputType, 1, 31, V4L2_PIX_FMT_YUV420);
  CHECK(pix.width == 32);
  CHECK(pix.height == 32);
  CHECK(triedOf(outputType, 641, 480, V4L2_PIX_FMT_YUV420).width == 640);
  const Node node;
  v4l2_frmsizeenum sizes{};
  sizes.pixel_format = V4L2_PIX_FMT_H264;
  REQUIRE(node.call(VIDIOC_ENUM_FRAMESIZES, &sizes) == 0);
  CHECK(sizes.type == V4L2_FRMSIZE_TYPE_STEPWISE);
  CHECK(sizes.stepwise.min_width == 32);
  CHECK(sizes.stepwise.max_width == 1920);
  CHECK(sizes.stepwise.step_height == 2);
  sizes.index = 1;
  CHECK(node.call(VIDIOC_ENUM_FRAMESIZES, &sizes) == EINVAL);
}

TEST_CASE("1: an unknown fourcc is replaced by the first supported one with success") {
  const uint32_t unknown = v4l2_fourcc('N', 'O', 'N', 'E');
  CHECK(triedOf(outputType, 640, 480, unknown).fourcc == V4L2_PIX_FMT_YUV420);
  CHECK(triedOf(captureType, 640, 480, unknown).fourcc == V4L2_PIX_FMT_H264);
}

TEST_CASE("1: colour fields are echoed and never sent to the firmware") {
  const Node node;
  v4l2_format format = formatOf(outputType, 640, 480, V4L2_PIX_FMT_YUV420);
  format.fmt.pix_mp.colorspace = V4L2_COLORSPACE_SMPTE170M;
  format.fmt.pix_mp.quantization = V4L2_QUANTIZATION_FULL_RANGE;
  REQUIRE(node.setFormat(format) == 0);
  CHECK(contentOf(format).colorspace == V4L2_COLORSPACE_SMPTE170M);
  v4l2_format other = formatOf(captureType, 0, 0, 0);
  REQUIRE(node.call(VIDIOC_G_FMT, &other) == 0);
  CHECK(contentOf(other).colorspace == V4L2_COLORSPACE_SMPTE170M);
  CHECK(contentOf(other).quantization == V4L2_QUANTIZATION_FULL_RANGE);
  Session session;
  const Stream stream = decode(session.encode(1));
  REQUIRE(stream.pictures.size() == 1);
  CHECK(!stream.pictures[0].coloursSignalled);
}

TEST_CASE("1: the coded side is H264 or MJPG") {
  CHECK(triedOf(captureType, 640, 480, V4L2_PIX_FMT_MJPEG).fourcc == V4L2_PIX_FMT_MJPEG);
  SessionOptions options;
  options.coded = V4L2_PIX_FMT_MJPEG;
  options.fourcc = V4L2_PIX_FMT_NV12;
  Session session(options);
  const std::vector<Coded> pictures = session.encode(3);
  REQUIRE(pictures.size() == 3);
  for (const Coded& one : pictures) {
    CHECK(one.bytes[0] == 0xff);
    CHECK(one.bytes[1] == 0xd8);
  }
}

TEST_CASE(
    "1: minimum coded sizeimage is 512 KiB to 720p and 768 KiB above; more may be asked for") {
  const auto sizeOf = [](uint32_t width, uint32_t height, uint32_t asked) {
    return triedOf(captureType, width, height, V4L2_PIX_FMT_H264, 0, asked).sizeImage;
  };
  CHECK(sizeOf(1280, 720, 0) == 512 << 10);
  CHECK(sizeOf(1920, 1080, 0) == 768 << 10);
  CHECK(sizeOf(1920, 1080, 2 << 20) == 2 << 20);
}

TEST_CASE("8: every input format encodes to the picture it holds") {
  for (uint32_t fourcc : {V4L2_PIX_FMT_YVU420, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV21,
                          V4L2_PIX_FMT_RGB565, V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_BGR24,
                          V4L2_PIX_FMT_BGR32, V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_UYVY}) {
    SessionOptions options;
    options.fourcc = fourcc;
    Session session(options);
    REQUIRE(session.error() == 0);
    const Stream stream = decode(session.encode(2));
    CHECK(stream.pictures.size() == 2);
  }
}
