#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "decoded.h"

namespace {

constexpr int sps = 7;
constexpr int pps = 8;
constexpr int idr = 5;

bool holds(const Coded& coded, int nal) {
  const std::vector<int> nals = coded.nals();
  return std::find(nals.begin(), nals.end(), nal) != nals.end();
}

std::vector<int64_t> keysOf(const std::vector<Coded>& coded) {
  std::vector<int64_t> keys;
  for (size_t i = 0; i < coded.size(); ++i) {
    if (coded[i].isKey()) keys.push_back(static_cast<int64_t>(i));
  }
  return keys;
}

SessionOptions with(std::initializer_list<std::pair<uint32_t, int32_t>> controls) {
  SessionOptions options;
  options.controls.insert(options.controls.end(), controls);
  return options;
}

}  // namespace

TEST_CASE("2: the call sequence encodes: every frame once, in order, as it was") {
  Session session(with({{V4L2_CID_MPEG_VIDEO_BITRATE_MODE, V4L2_MPEG_VIDEO_BITRATE_MODE_VBR},
                        {V4L2_CID_MPEG_VIDEO_BITRATE, 2'000'000},
                        {V4L2_CID_MPEG_VIDEO_H264_PROFILE, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH},
                        {V4L2_CID_MPEG_VIDEO_H264_LEVEL, V4L2_MPEG_VIDEO_H264_LEVEL_4_0},
                        {V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 30}}));
  REQUIRE(session.error() == 0);
  const std::vector<Coded> coded = session.encode(70);
  REQUIRE(coded.size() == 70);
  const Stream stream = decode(coded);
  REQUIRE(stream.pictures.size() == 70);
  for (int i = 0; i < 70; ++i) {
    CHECK(coded[i].timestampUs == Session::stampOf(i));
    CHECK(std::abs(stream.pictures[i].luma - Session::lumaOf(i)) < 8);
  }
}

TEST_CASE("2: the CAPTURE timestamp is the OUTPUT one to the microsecond") {
  Session session;
  const int64_t frame = 12'345'678;
  REQUIRE(session.queue(0, frame) == 0);
  session.wait(POLLIN);
  Coded coded;
  REQUIRE(session.dequeueCapture(coded) == 0);
  CHECK(coded.timestampUs == Session::stampOf(frame));
}

TEST_CASE("2: OUTPUT may be MMAP as well") {
  SessionOptions options;
  options.memory = V4L2_MEMORY_MMAP;
  Session session(options);
  REQUIRE(session.error() == 0);
  const int64_t before = counted("frames_mapped");
  CHECK(decode(session.encode(10)).pictures.size() == 10);
  CHECK(counted("frames_mapped") - before == 10);
}

TEST_CASE("2: KEYFRAME is set on IDR and nowhere else; sequence is always 0") {
  Session session(with({{V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 10}}));
  const std::vector<Coded> coded = session.encode(25);
  CHECK(keysOf(coded) == std::vector<int64_t>{0, 10, 20});
  for (const Coded& one : coded) {
    CHECK(one.isKey() == holds(one, idr));
    CHECK(one.sequence == 0);
    CHECK(one.bytes[0] == 0);
    CHECK((one.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_COPY);
  }
}

TEST_CASE("2: a frame is read when its turn comes, not at QBUF") {
  Fault lenient("STRICT", "");
  SessionOptions options;
  Session session(options);
  REQUIRE(session.node().streamOff(outputType) == 0);
  REQUIRE(session.queue(0, 0) == 0);
  session.draw(0, 9);
  REQUIRE(session.node().streamOn(outputType) == 0);
  const Stream stream = decode(session.drain());
  REQUIRE(stream.pictures.size() == 1);
  CHECK(std::abs(stream.pictures[0].luma - Session::lumaOf(9)) < 8);
}

TEST_CASE("2: headers come with the first frame, and with each IDR when they are repeated") {
  SessionOptions options = with({{V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 5}});
  for (int repeated : {1, 0}) {
    options.controls[0].second = repeated;
    Session session(options);
    const std::vector<Coded> coded = session.encode(11);
    for (int i : {0, 5, 10}) {
      CHECK(holds(coded[i], sps) == (repeated == 1 || i == 0));
      CHECK(holds(coded[i], pps) == (repeated == 1 || i == 0));
    }
    CHECK(!holds(coded[1], sps));
  }
}

TEST_CASE("2: with REPEAT_SEQ_HEADER off the driver fails after 20 000 frames") {
  SessionOptions options;
  options.width = options.height = 32;
  options.controls[0].second = 0;
  Session session(options);
  const int64_t before = counted("frames_in");
  const int64_t stalls = counted("stalls");
  std::vector<uint32_t> free{0, 1, 2, 3, 4, 5};
  for (int64_t next = 0; counted("stalls") == stalls;) {
    REQUIRE(next < 20'010);
    for (uint32_t index : std::exchange(free, {})) REQUIRE(session.queueOutput(index, next++) == 0);
    session.node().poll(POLLIN | POLLOUT, 100);
    for (int index = 0; (index = session.dequeueOutput()) >= 0;) {
      free.push_back(static_cast<uint32_t>(index));
    }
    Coded coded;
    while (session.dequeueCapture(coded) == 0) session.queueCapture(session.lastCapture());
  }
  CHECK(counted("frames_in") - before == 20'000);
}

TEST_CASE("2: a coded frame larger than the CAPTURE buffer is split with no marker") {
  Fault splitting("SPLIT", "2");
  const int64_t before = counted("split");
  Session session;
  const std::vector<Coded> coded = session.encode(4);
  REQUIRE(coded.size() == 5);
  CHECK(coded[2].bytes.size() == coded[2].length);
  CHECK(coded[3].timestampUs == coded[2].timestampUs);
  CHECK(coded[3].bytes[0] != 0);
  CHECK(coded[4].timestampUs == Session::stampOf(3));
  CHECK(counted("split") - before == 1);
  std::vector<Coded> joined{coded[0], coded[1], coded[2], coded[4]};
  joined[2].bytes.insert(joined[2].bytes.end(), coded[3].bytes.begin(), coded[3].bytes.end());
  CHECK(decode(joined).pictures.size() == 4);
}

TEST_CASE("2: the first buffer may be garbage or carry timestamp 0") {
  {
    Fault garbage("BAD_FIRST", "garbage");
    Session session;
    const std::vector<Coded> coded = session.encode(3);
    REQUIRE(coded.size() == 4);
    CHECK(coded[0].timestampUs == 0);
    CHECK(coded[0].nals().empty());
    CHECK(coded[1].timestampUs == Session::stampOf(0));
  }
  Fault zero("BAD_FIRST", "zero");
  Session session;
  const std::vector<Coded> coded = session.encode(3);
  REQUIRE(coded.size() == 3);
  CHECK(coded[0].timestampUs == 0);
  CHECK(coded[0].isKey());
  CHECK(coded[1].timestampUs == Session::stampOf(1));
}

TEST_CASE("2: header-only buffers (SPS and PPS, no picture) occur") {
  Fault headers("HEADER_ONLY", "1");
  Session session;
  const std::vector<Coded> coded = session.encode(3);
  REQUIRE(coded.size() == 4);
  CHECK(coded[1].nals() == std::vector<int>{sps, pps});
  CHECK(coded[1].timestampUs == 0);
  CHECK(!coded[1].isKey());
}

TEST_CASE("2: with HEADER_MODE SEPARATE the headers come in a buffer of their own") {
  Session session(with({{V4L2_CID_MPEG_VIDEO_HEADER_MODE, V4L2_MPEG_VIDEO_HEADER_MODE_SEPARATE}}));
  const std::vector<Coded> coded = session.encode(3);
  REQUIRE(coded.size() == 4);
  CHECK(coded[0].nals() == std::vector<int>{sps, pps});
  CHECK(coded[1].nals() == std::vector<int>{idr});
}

TEST_CASE("2: live changes: FORCE_KEY_FRAME makes the next frame an IDR") {
  Session session(with({{V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 1000}}));
  SessionOptions one;
  std::vector<Coded> coded;
  for (int i = 0; i < 6; ++i) {
    if (i == 4) REQUIRE(session.node().setControl(V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, 1) == 0);
    REQUIRE(session.queue(0, i) == 0);
    session.wait(POLLIN);
    coded.emplace_back();
    REQUIRE(session.dequeueCapture(coded.back()) == 0);
    session.wait(POLLOUT);
    REQUIRE(session.dequeueOutput() == 0);
  }
  CHECK(keysOf(coded) == std::vector<int64_t>{0, 4});
}

TEST_CASE("2: FORCE_KEY_FRAME can be lost") {
  Fault lost("LOSE_KEY", "0");
  Session session(with({{V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 1000}}));
  const auto ask = [&](int64_t frame) {
    if (frame == 2 || frame == 8) {
      session.node().setControl(V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, 1);
    }
  };
  CHECK(keysOf(session.encode(20, ask)).size() == 2);
}

TEST_CASE("2: live changes: I_PERIOD, MIN_QP, MAX_QP and S_PARM on OUTPUT are taken in midstream") {
  Session session(with({{V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 1000}}));
  const auto change = [&](int64_t frame) {
    if (frame != 10) return;
    CHECK(session.node().setControl(V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 3) == 0);
    CHECK(session.node().setControl(V4L2_CID_MPEG_VIDEO_H264_MIN_QP, 10) == 0);
    CHECK(session.node().setControl(V4L2_CID_MPEG_VIDEO_H264_MAX_QP, 40) == 0);
    v4l2_streamparm parameters{};
    parameters.type = outputType;
    parameters.parm.output.timeperframe = {1, 15};
    CHECK(session.node().call(VIDIOC_S_PARM, &parameters) == 0);
  };
  const std::vector<Coded> coded = session.encode(30, change);
  CHECK(keysOf(coded).size() >= 6);
  CHECK(decode(coded).pictures.size() == 30);
}

TEST_CASE("2: live changes: BITRATE changes what a frame costs") {
  SessionOptions options = with({{V4L2_CID_MPEG_VIDEO_BITRATE, 4'000'000}});
  Session session(options);
  uint32_t seed = 1;
  std::vector<size_t> sizes;
  for (int i = 0; i < 60; ++i) {
    if (i == 30) REQUIRE(session.node().setControl(V4L2_CID_MPEG_VIDEO_BITRATE, 500'000) == 0);
    // Noise, which costs what there is.
    for (uint32_t at = 0; at < 320 * 240; ++at) {
      seed = seed * 1664525 + 1013904223;
      session.frame(0)[at] = static_cast<uint8_t>(seed >> 24);
    }
    REQUIRE(session.queueOutput(0, i) == 0);
    session.wait(POLLIN);
    Coded coded;
    REQUIRE(session.dequeueCapture(coded) == 0);
    REQUIRE(session.queueCapture(session.lastCapture()) == 0);
    session.wait(POLLOUT);
    REQUIRE(session.dequeueOutput() == 0);
    sizes.push_back(coded.bytes.size());
  }
  size_t before = 0;
  size_t after = 0;
  for (int i = 20; i < 30; ++i) before += sizes[i];
  for (int i = 50; i < 60; ++i) after += sizes[i];
  CHECK(after * 2 < before);
}

TEST_CASE("2: V4L2_BUF_FLAG_ERROR comes with a successful DQBUF") {
  Fault failing("ERROR", "1");
  Session session;
  const std::vector<Coded> coded = session.encode(3);
  REQUIRE(coded.size() == 3);
  for (int i = 0; i < 3; ++i) {
    CHECK(((coded[i].flags & V4L2_BUF_FLAG_ERROR) != 0) == (i == 1));
  }
}

TEST_CASE("2: ENCODER_CMD STOP ends in bytesused 0 and LAST; START does not clear it") {
  Session session;
  REQUIRE(session.queue(0, 0) == 0);
  CHECK(session.drain().size() == 1);  // it ends with LAST
  Coded coded;
  CHECK(coded.bytes.empty());
  CHECK(session.dequeueCapture(coded) == EPIPE);
  CHECK(session.command(V4L2_ENC_CMD_START) == 0);
  CHECK(session.dequeueCapture(coded) == EPIPE);
  REQUIRE(session.node().streamOff(captureType) == 0);
  REQUIRE(session.node().streamOn(captureType) == 0);
  CHECK(session.dequeueCapture(coded) == EAGAIN);
  CHECK(session.command(V4L2_ENC_CMD_PAUSE) == EINVAL);
}

TEST_CASE("2: ENCODER_CMD STOP needs a queued CAPTURE buffer") {
  Fault lenient("STRICT", "");
  SessionOptions options;
  options.captures = 1;
  Session session(options);
  REQUIRE(session.queue(0, 0) == 0);
  session.wait(POLLIN);
  Coded coded;
  REQUIRE(session.dequeueCapture(coded) == 0);
  REQUIRE(session.command(V4L2_ENC_CMD_STOP) == 0);
  CHECK(session.node().poll(POLLIN, 50) == 0);
  REQUIRE(session.queueCapture(0) == 0);
  session.wait(POLLIN);
  REQUIRE(session.dequeueCapture(coded) == 0);
  CHECK(coded.isLast());
  CHECK(coded.bytes.empty());
}

TEST_CASE("2: a new size: STREAMOFF both, REQBUFS(0), and the sequence again") {
  Session session;
  REQUIRE(session.encode(3).size() == 3);
  Node& node = session.node();
  for (uint32_t type : {outputType, captureType}) REQUIRE(node.streamOff(type) == 0);
  CHECK(node.requestBuffers(outputType, 0, V4L2_MEMORY_DMABUF) == 0);
  CHECK(node.requestBuffers(captureType, 0, V4L2_MEMORY_MMAP) == 0);
  v4l2_format format = formatOf(outputType, 640, 480, V4L2_PIX_FMT_YUV420);
  CHECK(node.setFormat(format) == 0);
  CHECK(node.requestBuffers(outputType, 4, V4L2_MEMORY_DMABUF) == 4);
  CHECK(node.requestBuffers(captureType, 4, V4L2_MEMORY_MMAP) == 4);
  CHECK(node.streamOn(outputType) == 0);
}

TEST_CASE("3: profile and level are in the stream, and so is the frame rate") {
  struct Case {
    int32_t profile;
    int expected;
  };
  for (const Case& one : {Case{V4L2_MPEG_VIDEO_H264_PROFILE_BASELINE, 66},
                          Case{V4L2_MPEG_VIDEO_H264_PROFILE_MAIN, 77},
                          Case{V4L2_MPEG_VIDEO_H264_PROFILE_HIGH, 100}}) {
    SessionOptions options =
        with({{V4L2_CID_MPEG_VIDEO_H264_PROFILE, one.profile},
              {V4L2_CID_MPEG_VIDEO_H264_LEVEL, V4L2_MPEG_VIDEO_H264_LEVEL_4_2}});
    options.fps = 25;
    Session session(options);
    const Stream stream = decode(session.encode(2));
    CHECK((stream.profile & 0xff) == one.expected);
    CHECK(stream.level == 42);
    CHECK(stream.fps == doctest::Approx(25));
  }
}
