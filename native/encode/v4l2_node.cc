#include "encode/v4l2_node.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "support/unique_fd.h"

namespace pimon {

namespace {

constexpr const char* kDriver = "bcm2835-codec";
constexpr const char* kUsualNode = "/dev/video11";

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

// The usual node first, the others by number.
std::vector<std::string> candidates() {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored)) {
    const std::string path = entry.path();
    if (path.starts_with("/dev/video") && path != kUsualNode) paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  paths.insert(paths.begin(), kUsualNode);
  return paths;
}

}  // namespace

std::optional<EncoderNode> findEncoderNode() {
  for (const std::string& path : candidates()) {
    if (const auto node = encoderAt(path)) return node;
  }
  return std::nullopt;
}

}  // namespace pimon
