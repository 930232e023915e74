#include "encode/v4l2_node.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

#include <cstdint>
#include <string>

#include "support/unique_fd.h"

namespace pimon {

namespace {

constexpr const char* kDriver = "bcm2835-codec";
constexpr const char* kUsualNode = "/dev/video11";
// As many as the kernel's modules can be told to use; a Pi has about 30.
constexpr int kNodes = 64;

bool offers(int fd, uint32_t type, uint32_t fourcc) {
  v4l2_fmtdesc format{};
  format.type = type;
  for (; ::ioctl(fd, VIDIOC_ENUM_FMT, &format) == 0; ++format.index) {
    if (format.pixelformat == fourcc) return true;
  }
  return false;
}

std::optional<EncoderNode> encoderAt(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  v4l2_capability capability{};
  if (!fd.valid() || ::ioctl(fd.get(), VIDIOC_QUERYCAP, &capability) != 0) return std::nullopt;
  EncoderNode node{.path = path,
                   .driver = reinterpret_cast<const char*>(capability.driver),
                   .card = reinterpret_cast<const char*>(capability.card)};
  const bool isEncoder = node.driver == kDriver &&
                         (capability.device_caps & V4L2_CAP_VIDEO_M2M_MPLANE) != 0 &&
                         offers(fd.get(), V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, V4L2_PIX_FMT_H264) &&
                         offers(fd.get(), V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE, V4L2_PIX_FMT_YUV420);
  return isEncoder ? std::optional(node) : std::nullopt;
}

}  // namespace

std::optional<EncoderNode> findEncoderNode() {
  if (auto node = encoderAt(kUsualNode)) return node;
  for (int number = 0; number < kNodes; ++number) {
    if (auto node = encoderAt("/dev/video" + std::to_string(number))) return node;
  }
  return std::nullopt;
}

}  // namespace pimon
