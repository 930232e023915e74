#pragma once

#include <linux/videodev2.h>

#include <cstdint>

// What the two sides of the encoder take. Functions named after ioctls answer with 0 or an errno.
namespace fakepi {

// Pictures going in.
struct RawFormat {
  uint32_t fourcc;
  const char* description;
  uint32_t bytesPerPixel;  // in the first plane
  uint32_t alignment;      // of a line, in bytes
  uint32_t halfPlanes;     // bytes of the picture / bytes of its first plane, doubled
};

class Formats {
 public:
  // The encoder's node has these and no others.
  static constexpr uint32_t output = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
  static constexpr uint32_t capture = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;

  Formats();

  static int enumFmt(v4l2_fmtdesc& description);
  static int enumFrameSizes(v4l2_frmsizeenum& sizes);
  int tryFmt(v4l2_format& format) const;
  int getFmt(v4l2_format& format) const;
  // The caller has made sure that the queue is free.
  int setFmt(v4l2_format& format);
  int getParm(v4l2_streamparm& parameters) const;
  int setParm(v4l2_streamparm& parameters);

  const v4l2_pix_format_mplane& raw() const { return raw_; }
  const v4l2_pix_format_mplane& coded() const { return coded_; }
  const v4l2_pix_format_mplane& of(uint32_t type) const { return type == output ? raw_ : coded_; }
  // The alignment that the firmware wants, which old kernels do not know of.
  bool strideIsAligned() const;
  v4l2_fract timePerFrame() const { return timePerFrame_; }

 private:
  v4l2_pix_format_mplane raw_{};
  v4l2_pix_format_mplane coded_{};
  v4l2_fract timePerFrame_{1, 30};
};

const RawFormat* findRaw(uint32_t fourcc);

}  // namespace fakepi
