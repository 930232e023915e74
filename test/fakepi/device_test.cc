#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "session.h"

namespace {

std::set<std::string> namesIn(const char* path) {
  std::set<std::string> names;
  DIR* folder = opendir(path);
  REQUIRE(folder != nullptr);
  while (const dirent* entry = readdir(folder)) names.insert(entry->d_name);
  closedir(folder);
  return names;
}

v4l2_capability capabilitiesOf(const Node& node) {
  v4l2_capability capability{};
  REQUIRE(node.call(VIDIOC_QUERYCAP, &capability) == 0);
  return capability;
}

std::string text(const uint8_t* field) { return reinterpret_cast<const char*>(field); }

}  // namespace

TEST_CASE("1: the encode node is 11 by default and is a character device listed in /dev") {
  CHECK(Node("/dev/video11", O_RDWR).isOpen());
  CHECK(namesIn("/dev").count("video11") == 1);
  struct stat status;
  REQUIRE(stat("/dev/video11", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
  CHECK(major(status.st_rdev) == 81);
  CHECK(access("/dev/video11", R_OK | W_OK) == 0);
}

TEST_CASE("1: module parameters can move the node") {
  Fault moved("NODE", "/dev/video13");
  CHECK(Node("/dev/video13", O_RDWR).isOpen());
  CHECK(!Node("/dev/video11", O_RDWR).isOpen());
  CHECK(namesIn("/dev").count("video13") == 1);
  CHECK(namesIn("/dev").count("video11") == 0);
}

TEST_CASE("1: on a Pi 5 there is no such node: open gives ENOENT") {
  Fault absent("ABSENT", "1");
  CHECK(!Node("/dev/video11", O_RDWR).isOpen());
  CHECK(errno == ENOENT);
  struct stat status;
  CHECK(stat("/dev/video11", &status) == -1);
  CHECK(namesIn("/dev").count("video11") == 0);
}

TEST_CASE("1: QUERYCAP tells driver, card, bus_info and device_caps 0x04204000") {
  const v4l2_capability capability = capabilitiesOf(Node());
  CHECK(text(capability.driver) == "bcm2835-codec");
  CHECK(text(capability.card) == "bcm2835-codec-encode");
  CHECK(text(capability.bus_info) == "platform:bcm2835-codec");
  CHECK(capability.device_caps == 0x04204000);
  CHECK(capability.device_caps ==
        (V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING | V4L2_CAP_EXT_PIX_FORMAT));
  CHECK(capability.capabilities == (capability.device_caps | V4L2_CAP_DEVICE_CAPS));
}

TEST_CASE("1: older kernels' card is plain bcm2835-codec") {
  Fault old("OLD_KERNEL", "1");
  CHECK(text(capabilitiesOf(Node()).card) == "bcm2835-codec");
}

TEST_CASE("1: only *_MPLANE buffer types are known") {
  const Node node;
  for (uint32_t type : {V4L2_BUF_TYPE_VIDEO_OUTPUT, V4L2_BUF_TYPE_VIDEO_CAPTURE}) {
    v4l2_fmtdesc description{};
    description.type = type;
    CHECK(node.call(VIDIOC_ENUM_FMT, &description) == EINVAL);
    v4l2_format format{};
    format.type = type;
    CHECK(node.call(VIDIOC_G_FMT, &format) == EINVAL);
    CHECK(node.requestBuffers(type, 4, V4L2_MEMORY_MMAP) == -EINVAL);
    CHECK(node.streamOn(type) == EINVAL);
  }
}

TEST_CASE("1: discovery: CAPTURE_MPLANE lists H264, OUTPUT_MPLANE lists YU12 and no H264") {
  const Node node;
  std::set<uint32_t> found[2];
  for (uint32_t type : {outputType, captureType}) {
    v4l2_fmtdesc description{};
    description.type = type;
    for (; node.call(VIDIOC_ENUM_FMT, &description) == 0; ++description.index) {
      found[type == captureType].insert(description.pixelformat);
      const bool compressed = (description.flags & V4L2_FMT_FLAG_COMPRESSED) != 0;
      CHECK(compressed == (type == captureType));
    }
    CHECK(node.call(VIDIOC_ENUM_FMT, &description) == EINVAL);
  }
  CHECK(found[0].count(V4L2_PIX_FMT_YUV420) == 1);
  CHECK(found[0].count(V4L2_PIX_FMT_H264) == 0);
  CHECK(found[1] == std::set<uint32_t>{V4L2_PIX_FMT_H264, V4L2_PIX_FMT_MJPEG});
}

TEST_CASE("1: all state is per open: controls, formats, component") {
  const Node one;
  const Node other;
  REQUIRE(one.setControl(V4L2_CID_MPEG_VIDEO_BITRATE, 2'000'000) == 0);
  v4l2_format format = formatOf(outputType, 640, 480, V4L2_PIX_FMT_NV12);
  REQUIRE(one.setFormat(format) == 0);
  CHECK(other.control(V4L2_CID_MPEG_VIDEO_BITRATE) == 10'000'000);
  format = formatOf(outputType, 0, 0, 0);
  REQUIRE(other.call(VIDIOC_G_FMT, &format) == 0);
  CHECK(contentOf(format).fourcc == V4L2_PIX_FMT_YUV420);
  REQUIRE(one.requestBuffers(outputType, 4, V4L2_MEMORY_MMAP) == 4);
  CHECK(threadsNamed("fakepi") == 1);
  CHECK(other.setFormat(format) == 0);
}

TEST_CASE("1: the component is made lazily at the first REQBUFS; open and S_CTRL succeed before") {
  Fault refusing("REFUSE", "EPERM");
  const Node node;
  CHECK(node.setControl(V4L2_CID_MPEG_VIDEO_BITRATE, 1'000'000) == 0);
  CHECK(threadsNamed("fakepi") == 0);
  CHECK(node.requestBuffers(outputType, 1, V4L2_MEMORY_MMAP) == 1);
  CHECK(threadsNamed("fakepi") == 1);
  CHECK(node.streamOn(outputType) == EPERM);
}

TEST_CASE("8: a descriptor keeps its identity through dup, dup2 and fcntl") {
  Node node;
  const Fd one(dup(node.fd()));
  const Fd two(fcntl(node.fd(), F_DUPFD_CLOEXEC, 100));
  const Fd three(dup(0));
  REQUIRE(dup2(node.fd(), three.get()) == three.get());
  REQUIRE(node.setControl(V4L2_CID_MPEG_VIDEO_BITRATE, 3'000'000) == 0);
  const int64_t live = counted("live");
  node.close();
  CHECK(counted("live") == live);
  for (const Fd* fd : {&one, &two, &three}) {
    v4l2_control control{V4L2_CID_MPEG_VIDEO_BITRATE, 0};
    CHECK(ioctl(fd->get(), VIDIOC_G_CTRL, &control) == 0);
    CHECK(control.value == 3'000'000);
  }
}

TEST_CASE("8: an open is released with its last descriptor, threads and memory with it") {
  const int before = openDescriptors();
  const int64_t live = counted("live");
  for (int i = 0; i < 20; ++i) {
    Session session;
    REQUIRE(session.error() == 0);
    CHECK(session.encode(3).size() == 3);
  }
  CHECK(counted("live") == live);
  CHECK(openDescriptors() == before);
  CHECK(threadsNamed("fakepi") == 0);
}

TEST_CASE("8: the __*_2 forms, openat and a sign-extended request reach the device as well") {
  const Fd at(openat(AT_FDCWD, "/dev/video11", O_RDWR));
  v4l2_capability capability{};
  CHECK(ioctl(at.get(), VIDIOC_QUERYCAP, &capability) == 0);
  const Fd large(open64("/dev/video11", O_RDWR));
  const int narrow = static_cast<int>(VIDIOC_QUERYCAP);
  CHECK(ioctl(large.get(), static_cast<unsigned long>(narrow), &capability) == 0);
}

TEST_CASE("8: anything else is ENOTTY") {
  const Node node;
  v4l2_frmivalenum interval{};
  CHECK(node.call(VIDIOC_ENUM_FRAMEINTERVALS, &interval) == ENOTTY);
  v4l2_input input{};
  CHECK(node.call(VIDIOC_ENUMINPUT, &input) == ENOTTY);
  v4l2_decoder_cmd command{};
  CHECK(node.call(VIDIOC_DECODER_CMD, &command) == ENOTTY);
}
