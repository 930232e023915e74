#include <doctest/doctest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <csignal>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "support/executor.h"
#include "support/worker.h"

namespace pimon {

TEST_SUITE("worker") {
  TEST_CASE("it has its name and leaves every signal to others") {
    std::string name;
    bool deaf = true;
    Worker worker;
    worker.start(
        "some-worker",
        [&] {
          std::array<char, 16> buffer{};
          pthread_getname_np(pthread_self(), buffer.data(), buffer.size());
          name = buffer.data();
          sigset_t blocked;
          pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
          for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
            deaf = deaf && sigismember(&blocked, signal) == 1;
          }
        },
        [](const Error&) {});
    worker.join();
    CHECK(name == "some-worker");
    CHECK(deaf);
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    CHECK(sigismember(&blocked, SIGTERM) == 0);
  }

  TEST_CASE("what its body throws is reported, whatever it is") {
    const auto reported = [](const std::function<void()>& body) {
      std::optional<Error> error;
      Worker worker;
      worker.start("thrower", body, [&](const Error& thrown) { error = thrown; });
      worker.join();
      return error;
    };
    CHECK(reported([] { throw Error("disk-full", "x"); })->code() == "disk-full");
    CHECK(reported([] { throw std::bad_alloc(); })->code() == "internal");
    CHECK_FALSE(reported([] {}));
  }
}

TEST_SUITE("executor") {
  TEST_CASE("tasks run one after the other, and all that were posted before it ends") {
    std::vector<int> ran;
    {
      Executor executor("tasks");
      for (int i = 0; i < 100; ++i) executor.post([&ran, i] { ran.push_back(i); });
    }
    REQUIRE(ran.size() == 100);
    for (int i = 0; i < 100; ++i) CHECK(ran[static_cast<size_t>(i)] == i);
  }

  TEST_CASE("a task may post another, also while it ends") {
    std::atomic<int> ran = 0;
    {
      Executor executor("tasks");
      executor.post([&] {
        ++ran;
        executor.post([&] {
          ++ran;
          executor.post([&] { ++ran; });
        });
      });
    }
    CHECK(ran == 3);
  }
}

}  // namespace pimon
