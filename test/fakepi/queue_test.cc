#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "session.h"

namespace {

// OUTPUT with one imported buffer to be queued by hand.
struct ByHand {
  Node node;
  uint32_t size = 0;
  v4l2_buffer buffer{};
  v4l2_plane plane{};

  explicit ByHand(uint32_t count = 2) {
    v4l2_format format = formatOf(outputType, 320, 240, V4L2_PIX_FMT_YUV420);
    REQUIRE(node.setFormat(format) == 0);
    size = contentOf(format).sizeImage;
    REQUIRE(node.requestBuffers(outputType, count, V4L2_MEMORY_DMABUF) == static_cast<int>(count));
  }

  int queue(uint32_t index, int fd, uint32_t length, uint32_t used) {
    buffer = {};
    plane = {};
    buffer.type = outputType;
    buffer.memory = V4L2_MEMORY_DMABUF;
    buffer.index = index;
    buffer.length = 1;
    buffer.m.planes = &plane;
    plane.m.fd = fd;
    plane.length = length;
    plane.bytesused = used;
    return node.call(VIDIOC_QBUF, &buffer);
  }
};

}  // namespace

TEST_CASE("1: buffer counts are max(requested, firmware minimum), capped at 32") {
  const Node node;
  CHECK(node.requestBuffers(outputType, 6, V4L2_MEMORY_DMABUF) == 6);
  CHECK(node.requestBuffers(captureType, 12, V4L2_MEMORY_MMAP) == 12);
  CHECK(Node().requestBuffers(outputType, 100, V4L2_MEMORY_DMABUF) == 32);
  Fault more("MIN_BUFFERS", "4");
  CHECK(Node().requestBuffers(outputType, 2, V4L2_MEMORY_DMABUF) == 4);
}

TEST_CASE("1: io is MMAP or DMABUF; USERPTR is EINVAL") {
  for (uint32_t type : {outputType, captureType}) {
    CHECK(Node().requestBuffers(type, 2, V4L2_MEMORY_MMAP) == 2);
    CHECK(Node().requestBuffers(type, 2, V4L2_MEMORY_DMABUF) == 2);
    CHECK(Node().requestBuffers(type, 2, V4L2_MEMORY_USERPTR) == -EINVAL);
  }
}

TEST_CASE("2: S_FMT or REQBUFS with buffers allocated or streaming is EBUSY; REQBUFS(0) frees") {
  Session session;
  Node& node = session.node();
  v4l2_format format = formatOf(outputType, 640, 480, V4L2_PIX_FMT_YUV420);
  CHECK(node.setFormat(format) == EBUSY);
  CHECK(node.requestBuffers(outputType, 0, V4L2_MEMORY_DMABUF) == -EBUSY);
  REQUIRE(node.streamOff(outputType) == 0);
  REQUIRE(node.streamOff(captureType) == 0);
  CHECK(node.setFormat(format) == EBUSY);
  CHECK(node.requestBuffers(outputType, 4, V4L2_MEMORY_DMABUF) == -EBUSY);
  CHECK(node.requestBuffers(outputType, 0, V4L2_MEMORY_DMABUF) == 0);
  CHECK(node.setFormat(format) == 0);
  format = formatOf(captureType, 640, 480, V4L2_PIX_FMT_H264);
  CHECK(node.setFormat(format) == EBUSY);
  CHECK(node.requestBuffers(captureType, 0, V4L2_MEMORY_MMAP) == 0);
  CHECK(node.setFormat(format) == 0);
}

TEST_CASE(
    "2: QUERYBUF tells length and an offset from 0x40000000 for CAPTURE; mmap is MAP_SHARED") {
  const Node node;
  REQUIRE(node.requestBuffers(captureType, 2, V4L2_MEMORY_MMAP) == 2);
  v4l2_plane plane{};
  v4l2_buffer buffer{};
  buffer.type = captureType;
  buffer.index = 1;
  buffer.length = 1;
  buffer.m.planes = &plane;
  REQUIRE(node.call(VIDIOC_QUERYBUF, &buffer) == 0);
  CHECK(plane.length == 512 << 10);
  CHECK(plane.m.mem_offset == 0x40000000 + (512 << 10));
  const auto mapped = [&](int flags, off_t offset) {
    return mmap(nullptr, plane.length, PROT_READ, flags, node.fd(), offset);
  };
  CHECK(mapped(MAP_PRIVATE, plane.m.mem_offset) == MAP_FAILED);
  CHECK(mapped(MAP_SHARED, plane.m.mem_offset + 4096) == MAP_FAILED);
  void* address = mapped(MAP_SHARED, plane.m.mem_offset);
  REQUIRE(address != MAP_FAILED);
  munmap(address, plane.length);
  buffer.index = 2;
  CHECK(node.call(VIDIOC_QUERYBUF, &buffer) == EINVAL);
}

TEST_CASE("2: QBUF of an index that is not DEQUEUED is EINVAL") {
  ByHand by;
  const HeapBuffer frame = allocate("linux,cma", by.size);
  CHECK(by.queue(0, frame.fd.get(), by.size, by.size) == 0);
  Fault lenient("STRICT", "");
  CHECK(by.queue(0, frame.fd.get(), by.size, by.size) == EINVAL);
  CHECK(by.queue(2, frame.fd.get(), by.size, by.size) == EINVAL);
}

TEST_CASE("2: QBUF with length < sizeimage is EINVAL: plane 0's length alone is too little") {
  ByHand by;
  const HeapBuffer frame = allocate("linux,cma", by.size);
  CHECK(by.queue(0, frame.fd.get(), 320 * 240, 320 * 240) == EINVAL);
  CHECK(by.queue(0, frame.fd.get(), by.size, by.size) == 0);
}

TEST_CASE("2: QBUF of memory that is not physically contiguous is EFAULT") {
  ByHand by;
  const HeapBuffer scattered = allocate("system", by.size);
  REQUIRE(scattered.error == 0);
  CHECK(by.queue(0, scattered.fd.get(), by.size, by.size) == EFAULT);
  for (const char* heap : {"vidbuf_cached", "linux,cma"}) {
    const HeapBuffer contiguous = allocate(heap, by.size);
    CHECK(by.queue(heap[0] == 'l', contiguous.fd.get(), by.size, by.size) == 0);
  }
}

TEST_CASE("2: QBUF of a dma-buf shorter than its length is EFAULT, of no dma-buf at all EINVAL") {
  ByHand by;
  const HeapBuffer small = allocate("linux,cma", by.size / 2);
  CHECK(by.queue(0, small.fd.get(), by.size, by.size) == EFAULT);
  const Fd plain(memfd_create("frame", MFD_CLOEXEC));
  REQUIRE(ftruncate(plain.get(), by.size) == 0);
  CHECK(by.queue(0, plain.get(), by.size, by.size) == EINVAL);
  CHECK(by.queue(0, -1, by.size, by.size) == EINVAL);
}

TEST_CASE("2: bytesused 0 is replaced by the full length") {
  ByHand by;
  const HeapBuffer frame = allocate("linux,cma", by.size);
  REQUIRE(by.queue(0, frame.fd.get(), by.size, 0) == 0);
  CHECK(by.plane.bytesused == by.size);
}

TEST_CASE("2: camera buffer k pinned to index k is imported once; ++i % n imports every frame") {
  SessionOptions options;
  options.frames = 4;
  Session pinned(options);
  int64_t before = counted("imports");
  pinned.encode(40);
  CHECK(counted("imports") - before == 4);

  ByHand by(3);
  const HeapBuffer frames[] = {allocate("linux,cma", by.size), allocate("linux,cma", by.size)};
  before = counted("imports");
  for (int i = 0; i < 6; ++i) {
    REQUIRE(by.queue(i % 3, frames[i % 2].fd.get(), by.size, by.size) == 0);
    if (i % 3 == 2) REQUIRE(by.node.streamOff(outputType) == 0);
  }
  CHECK(counted("imports") - before == 6);
}

TEST_CASE("2: DQBUF is EAGAIN when nothing is done, EPIPE after LAST, EIO on a queue error") {
  Session session;
  Coded coded;
  CHECK(session.dequeueCapture(coded) == EAGAIN);
  CHECK(session.dequeueOutput() == -EAGAIN);
  session.encode(2);
  CHECK(session.dequeueCapture(coded) == EPIPE);

  Fault failing("EIO", "2");
  Session failed;
  for (int i = 0; i < 3; ++i) REQUIRE(failed.queue(i, i) == 0);
  while ((failed.wait(POLLIN) & POLLERR) == 0) {
    if (failed.dequeueCapture(coded) == EIO) break;
  }
  CHECK(failed.dequeueCapture(coded) == EIO);
  CHECK(failed.dequeueOutput() == -EIO);
}

TEST_CASE("8: DQBUF waits on a descriptor that blocks, and is EINVAL while nothing streams") {
  Node idle("/dev/video11", O_RDWR);
  v4l2_plane plane{};
  v4l2_buffer buffer{};
  buffer.type = captureType;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.length = 1;
  buffer.m.planes = &plane;
  CHECK(idle.call(VIDIOC_DQBUF, &buffer) == EINVAL);
  Session session;
  REQUIRE(fcntl(session.node().fd(), F_SETFL, 0) == 0);
  REQUIRE(session.queue(0, 0) == 0);
  Coded coded;
  CHECK(session.dequeueCapture(coded) == 0);
  CHECK(coded.timestampUs == Session::stampOf(0));
}

TEST_CASE("8: EXPBUF gives a dma-buf of an MMAP buffer, which is contiguous") {
  const Node node;
  REQUIRE(node.requestBuffers(captureType, 1, V4L2_MEMORY_MMAP) == 1);
  v4l2_exportbuffer request{};
  request.type = captureType;
  request.flags = O_CLOEXEC | O_RDWR;
  REQUIRE(node.call(VIDIOC_EXPBUF, &request) == 0);
  const Fd exported(request.fd);
  ByHand by;
  CHECK(by.queue(0, exported.get(), by.size, by.size) == 0);
  request.index = 1;
  CHECK(node.call(VIDIOC_EXPBUF, &request) == EINVAL);
}

TEST_CASE("2: STREAMON needs buffers; STREAMOFF gives them all back") {
  const Node node;
  CHECK(node.streamOn(outputType) == EINVAL);
  CHECK(node.streamOff(outputType) == 0);
  ByHand by;
  const HeapBuffer frame = allocate("linux,cma", by.size);
  REQUIRE(by.queue(0, frame.fd.get(), by.size, by.size) == 0);
  REQUIRE(by.node.streamOff(outputType) == 0);
  CHECK(by.queue(0, frame.fd.get(), by.size, by.size) == 0);
}
