#include "picture.h"

#include <libyuv.h>

#include <utility>

namespace fakepi {

namespace {

using Convert = int (*)(const uint8_t*, int, uint8_t*, int, uint8_t*, int, uint8_t*, int, int, int);

// libyuv names RGB formats by the order in a register, V4L2 by the order in memory.
Convert conversionOf(uint32_t fourcc) {
  switch (fourcc) {
    case V4L2_PIX_FMT_RGB565:
      return libyuv::RGB565ToI420;
    case V4L2_PIX_FMT_RGB24:
      return libyuv::RAWToI420;
    case V4L2_PIX_FMT_BGR24:
      return libyuv::RGB24ToI420;
    case V4L2_PIX_FMT_BGR32:
      return libyuv::ARGBToI420;
    case V4L2_PIX_FMT_UYVY:
      return libyuv::UYVYToI420;
    default:
      return libyuv::YUY2ToI420;
  }
}

}  // namespace

Picture viewOf(const v4l2_pix_format_mplane& format, const uint8_t* data,
               std::vector<uint8_t>& scratch) {
  const int stride = static_cast<int>(format.plane_fmt[0].bytesperline);
  const int width = static_cast<int>(format.width);
  const int height = static_cast<int>(format.height);
  const uint8_t* chroma = data + static_cast<size_t>(stride) * height;
  Picture picture;
  picture.planes = {data, chroma, nullptr};
  picture.strides = {stride, stride, 0};
  switch (format.pixelformat) {
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_NV21:
      picture.interleaved = true;
      picture.crFirst = format.pixelformat == V4L2_PIX_FMT_NV21;
      return picture;
    case V4L2_PIX_FMT_YUV420:
    case V4L2_PIX_FMT_YVU420: {
      const int half = stride / 2;
      picture.planes[2] = chroma + static_cast<size_t>(half) * (height / 2);
      picture.strides = {stride, half, half};
      if (format.pixelformat == V4L2_PIX_FMT_YVU420) {
        std::swap(picture.planes[1], picture.planes[2]);
      }
      return picture;
    }
    default: {
      const size_t luma = static_cast<size_t>(width) * height;
      scratch.resize(luma * 3 / 2);
      uint8_t* y = scratch.data();
      uint8_t* u = y + luma;
      uint8_t* v = u + luma / 4;
      conversionOf(format.pixelformat)(data, stride, y, width, u, width / 2, v, width / 2, width,
                                       height);
      picture.planes = {y, u, v};
      picture.strides = {width, width / 2, width / 2};
      return picture;
    }
  }
}

}  // namespace fakepi
