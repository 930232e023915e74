#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "session.h"

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

SessionOptions vga() {
  SessionOptions options;
  options.width = 640;
  options.height = 480;
  return options;
}

template <typename Work>
double timeOf(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return Milliseconds(std::chrono::steady_clock::now() - begin).count();
}

// 40 × 30 macroblocks at 245 760 a second.
constexpr double frameMs = 1200.0 / 245.760;

}  // namespace

TEST_CASE("1: capacity is 245 760 macroblocks a second, shared by all opens") {
  Fault pace("SPEED", "1");
  Session one(vga());
  Session other(vga());
  CHECK(timeOf([&] { one.encode(20); }) >= 20 * frameMs * 0.98);
  const double both = timeOf([&] {
    std::thread thread([&] { other.encode(20); });
    Session third(vga());
    third.encode(20);
    thread.join();
  });
  CHECK(both >= 40 * frameMs * 0.98);
}

TEST_CASE("8: the clock can be scaled") {
  Fault pace("SPEED", "0.25");
  Session slow(vga());
  CHECK(timeOf([&] { slow.encode(5); }) >= 5 * 4 * frameMs * 0.98);
}
