#include "formats.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "faults.h"

namespace fakepi {

namespace {

constexpr uint32_t smallest = 32;
constexpr uint32_t largest = 1920;
constexpr uint32_t step = 2;

constexpr std::array raws{
    RawFormat{V4L2_PIX_FMT_YUV420, "Planar YUV 4:2:0", 1, 64, 3},
    RawFormat{V4L2_PIX_FMT_YVU420, "Planar YVU 4:2:0", 1, 64, 3},
    RawFormat{V4L2_PIX_FMT_NV12, "Y/CbCr 4:2:0", 1, 32, 3},
    RawFormat{V4L2_PIX_FMT_NV21, "Y/CrCb 4:2:0", 1, 32, 3},
    RawFormat{V4L2_PIX_FMT_RGB565, "16-bit RGB 5-6-5", 2, 32, 2},
    RawFormat{V4L2_PIX_FMT_RGB24, "24-bit RGB 8-8-8", 3, 32, 2},
    RawFormat{V4L2_PIX_FMT_BGR24, "24-bit BGR 8-8-8", 3, 32, 2},
    RawFormat{V4L2_PIX_FMT_BGR32, "32-bit BGRA/X 8-8-8-8", 4, 64, 2},
    RawFormat{V4L2_PIX_FMT_YUYV, "YUYV 4:2:2", 2, 64, 2},
    RawFormat{V4L2_PIX_FMT_UYVY, "UYVY 4:2:2", 2, 64, 2},
};

struct CodedFormat {
  uint32_t fourcc;
  const char* description;
};
constexpr std::array codeds{CodedFormat{V4L2_PIX_FMT_H264, "H.264"},
                            CodedFormat{V4L2_PIX_FMT_MJPEG, "Motion-JPEG"}};

bool isCoded(uint32_t fourcc) {
  return std::any_of(codeds.begin(), codeds.end(),
                     [&](const CodedFormat& format) { return format.fourcc == fourcc; });
}

uint32_t alignUp(uint32_t value, uint32_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// What the driver rounds to; older ones rounded planar formats to half as much.
uint32_t driverAlignment(const RawFormat& format) {
  const bool planar = format.fourcc == V4L2_PIX_FMT_YUV420 || format.fourcc == V4L2_PIX_FMT_YVU420;
  return planar && isSet(Fault::OldKernel) ? 32 : format.alignment;
}

uint32_t clampSize(uint32_t value) { return std::clamp(value, smallest, largest) / step * step; }

void fillRaw(v4l2_pix_format_mplane& pix) {
  const RawFormat* format = findRaw(pix.pixelformat);
  if (format == nullptr) format = raws.data();
  pix.pixelformat = format->fourcc;
  pix.width = clampSize(pix.width);
  pix.height = clampSize(pix.height);
  const uint32_t alignment = driverAlignment(*format);
  v4l2_plane_pix_format& plane = pix.plane_fmt[0];
  uint32_t stride =
      std::max(plane.bytesperline, alignUp(pix.width * format->bytesPerPixel, alignment));
  stride += static_cast<uint32_t>(number(Fault::Stride, 0));
  plane.bytesperline = isSet(Fault::OldKernel) ? stride : alignUp(stride, alignment);
  plane.sizeimage = plane.bytesperline * pix.height * format->halfPlanes / 2;
}

void fillCoded(v4l2_pix_format_mplane& pix) {
  if (!isCoded(pix.pixelformat)) pix.pixelformat = codeds[0].fourcc;
  // 0×0 stands for "not known".
  pix.width = std::min(pix.width, largest) / step * step;
  pix.height = std::min(pix.height, largest) / step * step;
  v4l2_plane_pix_format& plane = pix.plane_fmt[0];
  const uint32_t least = pix.width * pix.height > 1280 * 720 ? 768 << 10 : 512 << 10;
  plane.bytesperline = 0;
  plane.sizeimage = std::max(plane.sizeimage, least);
}

void fill(uint32_t type, v4l2_pix_format_mplane& pix) {
  type == Formats::output ? fillRaw(pix) : fillCoded(pix);
  pix.num_planes = 1;
  pix.field = V4L2_FIELD_NONE;
  pix.flags = 0;
  std::memset(pix.plane_fmt[0].reserved, 0, sizeof(pix.plane_fmt[0].reserved));
  std::memset(pix.plane_fmt + 1, 0, sizeof(pix.plane_fmt) - sizeof(pix.plane_fmt[0]));
  std::memset(pix.reserved, 0, sizeof(pix.reserved));
}

bool isKnown(uint32_t type) { return type == Formats::output || type == Formats::capture; }

}  // namespace

const RawFormat* findRaw(uint32_t fourcc) {
  for (const RawFormat& format : raws) {
    if (format.fourcc == fourcc) return &format;
  }
  return nullptr;
}

Formats::Formats() {
  raw_.width = coded_.width = raw_.height = coded_.height = smallest;
  raw_.colorspace = coded_.colorspace = V4L2_COLORSPACE_REC709;
  fill(output, raw_);
  fill(capture, coded_);
}

int Formats::enumFmt(v4l2_fmtdesc& description) {
  const uint32_t index = description.index;
  const uint32_t type = description.type;
  if (!isKnown(type) || index >= (type == output ? raws.size() : codeds.size())) return EINVAL;
  description = {};
  description.index = index;
  description.type = type;
  const char* name = type == output ? raws[index].description : codeds[index].description;
  std::snprintf(reinterpret_cast<char*>(description.description), sizeof(description.description),
                "%s", name);
  description.pixelformat = type == output ? raws[index].fourcc : codeds[index].fourcc;
  description.flags = type == output ? 0 : V4L2_FMT_FLAG_COMPRESSED;
  return 0;
}

int Formats::enumFrameSizes(v4l2_frmsizeenum& sizes) {
  if (sizes.index != 0) return EINVAL;
  if (findRaw(sizes.pixel_format) == nullptr && !isCoded(sizes.pixel_format)) return EINVAL;
  sizes.type = V4L2_FRMSIZE_TYPE_STEPWISE;
  sizes.reserved[0] = sizes.reserved[1] = 0;
  sizes.stepwise = {smallest, largest, step, smallest, largest, step};
  return 0;
}

int Formats::tryFmt(v4l2_format& format) const {
  if (!isKnown(format.type)) return EINVAL;
  if (format.fmt.pix_mp.colorspace == V4L2_COLORSPACE_DEFAULT) {
    format.fmt.pix_mp.colorspace = raw_.colorspace;
  }
  fill(format.type, format.fmt.pix_mp);
  return 0;
}

int Formats::getFmt(v4l2_format& format) const {
  if (!isKnown(format.type)) return EINVAL;
  format.fmt.pix_mp = of(format.type);
  return 0;
}

int Formats::setFmt(v4l2_format& format) {
  if (const int error = tryFmt(format)) return error;
  v4l2_pix_format_mplane& pix = format.type == output ? raw_ : coded_;
  v4l2_pix_format_mplane& other = format.type == output ? coded_ : raw_;
  pix = format.fmt.pix_mp;
  // One set of colour fields serves both sides.
  other.colorspace = pix.colorspace;
  other.ycbcr_enc = pix.ycbcr_enc;
  other.quantization = pix.quantization;
  other.xfer_func = pix.xfer_func;
  return 0;
}

int Formats::getParm(v4l2_streamparm& parameters) const {
  if (parameters.type != output) return EINVAL;
  parameters.parm.output = {};
  parameters.parm.output.capability = V4L2_CAP_TIMEPERFRAME;
  parameters.parm.output.timeperframe = timePerFrame_;
  return 0;
}

int Formats::setParm(v4l2_streamparm& parameters) {
  const v4l2_fract wanted = parameters.parm.output.timeperframe;
  if (parameters.type != output || wanted.numerator == 0 || wanted.denominator == 0) return EINVAL;
  timePerFrame_ = wanted;
  parameters.parm.output.capability = V4L2_CAP_TIMEPERFRAME;
  return 0;
}

bool Formats::strideIsAligned() const {
  return raw_.plane_fmt[0].bytesperline % findRaw(raw_.pixelformat)->alignment == 0;
}

}  // namespace fakepi
