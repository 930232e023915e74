#include <doctest/doctest.h>
#include <poll.h>

#include <cerrno>
#include <chrono>

#include "fakepi.h"
#include "session.h"

namespace {

double secondsOf(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<int64_t> stampsOf(const std::vector<Coded>& coded) {
  std::vector<int64_t> stamps;
  for (const Coded& one : coded) stamps.push_back(one.timestampUs);
  return stamps;
}

}  // namespace

TEST_CASE("2: the encoder can stall: frames stay queued, and STREAMOFF takes two seconds") {
  Fault stalling("STALL", "2");
  Fault pace("SPEED", "10");
  Session session;
  for (int i = 0; i < 4; ++i) REQUIRE(session.queue(i, i) == 0);
  int back = 0;
  while (session.node().poll(POLLOUT, 200) == POLLOUT) {
    REQUIRE(session.dequeueOutput() >= 0);
    ++back;
  }
  CHECK(back == 2);
  const double seconds = secondsOf([&] { CHECK(session.node().streamOff(outputType) == 0); });
  CHECK(seconds >= 0.2);  // two, at ten times a Pi's speed
}

TEST_CASE("2: after a stall a new open works; closing the old one takes its time as well") {
  Fault stalling("STALL", "0");
  Fault pace("SPEED", "10");
  Session stalled;
  REQUIRE(stalled.queue(0, 0) == 0);
  CHECK(stalled.node().poll(POLLIN | POLLOUT, 50) == 0);
  CHECK(secondsOf([&] { stalled.node().close(); }) >= 0.2);
  Session again;
  CHECK(again.encode(5).size() == 5);
}

TEST_CASE("2: the last frames may never come back, nor LAST") {
  Fault keeping("KEEP_LAST", "2");
  Session session;
  for (int i = 0; i < 5; ++i) REQUIRE(session.queue(i, i) == 0);
  REQUIRE(session.command(V4L2_ENC_CMD_STOP) == 0);
  int back = 0;
  while (session.node().poll(POLLIN, 100) == POLLIN) {
    Coded coded;
    REQUIRE(session.dequeueCapture(coded) == 0);
    CHECK(!coded.isLast());
    ++back;
  }
  CHECK(back == 3);
  CHECK(secondsOf([&] { session.node().streamOff(outputType); }) < 1);
}

TEST_CASE("8: headers stop repeating (fault HEADERS_STOP)") {
  Fault stopping("HEADERS_STOP", "2");
  SessionOptions options;
  options.controls.emplace_back(V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 2);
  Session session(options);
  int withHeaders = 0;
  for (const Coded& one : session.encode(10)) {
    if (one.nals().front() == 7) ++withHeaders;
  }
  CHECK(withHeaders == 2);
}

TEST_CASE("8: random faults are repeated by their seed") {
  const auto run = [](const char* seed) {
    Fault fixed("SEED", seed);
    Fault skipping("SKIP", "30%");
    Session session;
    return stampsOf(session.encode(40));
  };
  const std::vector<int64_t> first = run("7");
  CHECK(first.size() > 15);
  CHECK(first.size() < 40);
  CHECK(run("7") == first);
  CHECK(run("8") != first);
}

TEST_CASE("8: every so many, and those named") {
  const auto run = [](const char* when) {
    Fault skipping("SKIP", when);
    Session session;
    return session.encode(12).size();
  };
  CHECK(run("/4") == 9);
  CHECK(run("0,5,11") == 9);
}

TEST_CASE("8: a fault that does not exist, or cannot be so, is refused") {
  CHECK(fakepiSet("SKIPP", "1") == -1);
  CHECK(fakepiSet("SKIP", "often") == -1);
  CHECK(fakepiSet("CMA", "much") == -1);
  CHECK(fakepiSet("REFUSE", "ENOENT") == -1);
  CHECK(fakepiSet("SPEED", "fast") == -1);
}

TEST_CASE("8: what was injected is counted") {
  const int64_t out = counted("frames_out");
  const int64_t in = counted("frames_in");
  const int64_t skipped = counted("skipped");
  const int64_t errors = counted("errors");
  Fault skipping("SKIP", "10%");
  Fault failing("ERROR", "10%");
  Session session;
  const size_t came = session.encode(60).size();
  CHECK(counted("frames_in") - in == 60);
  CHECK(counted("frames_in") - in ==
        counted("frames_out") - out + counted("skipped") - skipped + counted("errors") - errors);
  CHECK(static_cast<int64_t>(came) == 60 - (counted("skipped") - skipped));
}
