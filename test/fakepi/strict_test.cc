#include <doctest/doctest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "session.h"

namespace {

// What a child process says as it aborts in strict mode; empty if it does not.
std::string complaintOf(const std::function<void()>& work) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Neither doctest's handler nor a core file: only the message counts.
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    Fault strict("STRICT", "1");
    work();
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char part[512];
  for (ssize_t got = 0; (got = read(ends[0], part, sizeof(part))) > 0;) text.append(part, got);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? text : "";
}

void letItWork(Session& session) {
  for (int i = 0; i < 20; ++i) session.node().poll(POLLPRI, 100);
}

}  // namespace

TEST_CASE("8: strict: queueing a buffer twice aborts") {
  CHECK(complaintOf([] {
          Session session;
          Fault pace("SPEED", "0.01");
          session.queue(0, 0);
          session.queue(0, 1);
        }).find("queued again") != std::string::npos);
}

TEST_CASE("8: strict: a frame changed while it is queued aborts") {
  CHECK(complaintOf([] {
          Fault pace("SPEED", "0.05");
          Session session;
          session.queue(0, 0);
          session.queue(1, 1);
          session.draw(1, 9);
          letItWork(session);
        }).find("changed while it was queued") != std::string::npos);
}

TEST_CASE("8: strict: CAPTURE starvation aborts") {
  CHECK(complaintOf([] {
          SessionOptions options;
          options.captures = 1;
          Session session(options);
          session.queue(0, 0);
          session.queue(1, 1);
          session.wait(POLLIN);
          Coded coded;
          session.dequeueCapture(coded);
          letItWork(session);
        }).find("no CAPTURE buffer") != std::string::npos);
}

TEST_CASE("8: strict: a well-behaved program is left alone") {
  CHECK(complaintOf([] {
          Session session;
          if (session.encode(20).size() != 20) abort();
        }).empty());
}
