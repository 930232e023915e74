#include <doctest/doctest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include <cerrno>

#include "session.h"

namespace {

uint32_t epolled(const Node& node) {
  const Fd set(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  REQUIRE(epoll_ctl(set.get(), EPOLL_CTL_ADD, node.fd(), &event) == 0);
  epoll_event got{};
  return epoll_wait(set.get(), &got, 1, 0) == 1 ? got.events : 0;
}

short selected(const Node& node) {
  fd_set readable;
  fd_set writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_SET(node.fd(), &readable);
  FD_SET(node.fd(), &writable);
  timeval now{};
  REQUIRE(select(node.fd() + 1, &readable, &writable, nullptr, &now) >= 0);
  return static_cast<short>((FD_ISSET(node.fd(), &readable) ? POLLIN : 0) |
                            (FD_ISSET(node.fd(), &writable) ? POLLOUT : 0));
}

void checkReady(const Node& node, short expected) {
  CHECK(node.poll(POLLIN | POLLOUT) == expected);
  CHECK(selected(node) == expected);
  CHECK(epolled(node) == static_cast<uint32_t>(expected));
}

}  // namespace

TEST_CASE("2: POLLOUT and POLLIN are independent, for poll, select and epoll") {
  Session session;
  Node& node = session.node();
  checkReady(node, 0);
  REQUIRE(session.queue(0, 0) == 0);
  while (node.poll(POLLIN | POLLOUT, 5000) != (POLLIN | POLLOUT)) {
  }
  checkReady(node, POLLIN | POLLOUT);
  REQUIRE(session.dequeueOutput() == 0);
  checkReady(node, POLLIN);
  Coded coded;
  REQUIRE(session.dequeueCapture(coded) == 0);
  checkReady(node, 0);
}

TEST_CASE("2: a skipped frame comes back on OUTPUT without CAPTURE and without an error") {
  Fault skipping("SKIP", "1,3");
  const int64_t before = counted("skipped");
  Session session;
  std::vector<int64_t> stamps;
  for (int frame = 0; frame < 5; ++frame) {
    REQUIRE(session.queue(0, frame) == 0);
    session.wait(POLLOUT);
    const bool skipped = frame == 1 || frame == 3;
    if (skipped) checkReady(session.node(), POLLOUT);
    REQUIRE(session.dequeueOutput() == 0);
    session.node().poll(POLLIN | POLLOUT, skipped ? 20 : 5000);
    checkReady(session.node(), skipped ? 0 : POLLIN);
    Coded coded;
    CHECK(session.dequeueCapture(coded) == (skipped ? EAGAIN : 0));
    if (!skipped) stamps.push_back(coded.timestampUs);
  }
  CHECK(stamps ==
        std::vector<int64_t>{Session::stampOf(0), Session::stampOf(2), Session::stampOf(4)});
  CHECK(counted("skipped") - before == 2);
}

TEST_CASE("8: POLLERR while neither side streams or has a buffer queued") {
  const Node node;
  CHECK(node.poll(POLLIN | POLLOUT) == POLLERR);
  CHECK(selected(node) == (POLLIN | POLLOUT));
  Session session;
  CHECK(session.node().poll(POLLIN | POLLOUT) == 0);
}

TEST_CASE("8: the end of the stream is an event: POLLPRI, DQEVENT, then ENOENT") {
  Session session;
  Node& node = session.node();
  v4l2_event_subscription subscription{};
  subscription.type = V4L2_EVENT_EOS;
  REQUIRE(node.call(VIDIOC_SUBSCRIBE_EVENT, &subscription) == 0);
  CHECK(node.poll(POLLPRI) == 0);
  REQUIRE(session.command(V4L2_ENC_CMD_STOP) == 0);
  CHECK(session.wait(POLLIN) == POLLIN);
  CHECK(node.poll(POLLPRI, 5000) == POLLPRI);
  v4l2_event event{};
  REQUIRE(node.call(VIDIOC_DQEVENT, &event) == 0);
  CHECK(event.type == V4L2_EVENT_EOS);
  CHECK(node.call(VIDIOC_DQEVENT, &event) == ENOENT);
  CHECK(node.poll(POLLPRI) == 0);
}

TEST_CASE("8: poll waits for other descriptors as well, and for no longer than asked") {
  Session session;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const Fd reading(ends[0]);
  const Fd writing(ends[1]);
  pollfd both[] = {{session.node().fd(), POLLIN | POLLOUT, 0}, {reading.get(), POLLIN, 0}};
  CHECK(poll(both, 2, 10) == 0);
  REQUIRE(write(writing.get(), "x", 1) == 1);
  CHECK(poll(both, 2, 5000) == 1);
  CHECK(both[0].revents == 0);
  CHECK(both[1].revents == POLLIN);
}
