// poll() for descriptors of the encoder. select() and epoll need none of this: see readiness.h.
#include <poll.h>
#include <signal.h>
#include <time.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "real.h"
#include "registry.h"

#define FAKEPI_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using fakepi::Device;
using fakepi::Registry;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;
namespace real = fakepi::real;

timespec timespecOf(nanoseconds time) {
  return {time.count() / 1'000'000'000, time.count() % 1'000'000'000};
}

// Waits for the real descriptors, and for those of ours with their priority events; then says for
// ours what the device says.
int pollWithDevices(pollfd* fds, nfds_t count, const std::vector<std::shared_ptr<Device>>& devices,
                    std::optional<nanoseconds> timeout, const sigset_t* mask) {
  const auto begin = steady_clock::now();
  std::vector<pollfd> all(fds, fds + count);
  for (nfds_t i = 0; i < count; ++i) {
    if (!devices[i]) continue;
    all.push_back({devices[i]->readiness().priorityFd(), POLLIN, 0});
  }
  while (true) {
    timespec left{};
    if (timeout) {
      const nanoseconds spent = steady_clock::now() - begin;
      left = timespecOf(std::max(nanoseconds(0), *timeout - spent));
    }
    const int awake = real::ppoll(all.data(), all.size(), timeout ? &left : nullptr, mask);
    if (awake < 0) return awake;
    int ready = 0;
    for (nfds_t i = 0; i < count; ++i) {
      const bool closed = (all[i].revents & POLLNVAL) != 0;
      fds[i].revents =
          devices[i] && !closed ? devices[i]->pollEvents(fds[i].events) : all[i].revents;
      if (fds[i].revents != 0) ++ready;
    }
    if (ready > 0 || awake == 0) return ready;
  }
}

int pollAny(pollfd* fds, nfds_t count, std::optional<nanoseconds> timeout, const sigset_t* mask) {
  std::vector<std::shared_ptr<Device>> devices;
  for (nfds_t i = 0; i < count; ++i) {
    if (auto device = Registry::instance().find(fds[i].fd)) {
      devices.resize(count);
      devices[i] = std::move(device);
    }
  }
  if (!devices.empty()) return pollWithDevices(fds, count, devices, timeout, mask);
  const timespec limit = timeout ? timespecOf(*timeout) : timespec{};
  return real::ppoll(fds, count, timeout ? &limit : nullptr, mask);
}

std::optional<nanoseconds> milliseconds(int timeout) {
  if (timeout < 0) return std::nullopt;
  return std::chrono::milliseconds(timeout);
}

std::optional<nanoseconds> nanosecondsOf(const timespec* timeout) {
  if (timeout == nullptr) return std::nullopt;
  return std::chrono::seconds(timeout->tv_sec) + nanoseconds(timeout->tv_nsec);
}

}  // namespace

FAKEPI_EXPORT int poll(pollfd* fds, nfds_t count, int timeout) {
  return pollAny(fds, count, milliseconds(timeout), nullptr);
}

FAKEPI_EXPORT int __poll_chk(pollfd* fds, nfds_t count, int timeout, size_t) {
  return pollAny(fds, count, milliseconds(timeout), nullptr);
}

FAKEPI_EXPORT int ppoll(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  return pollAny(fds, count, nanosecondsOf(timeout), mask);
}

FAKEPI_EXPORT int __ppoll_chk(pollfd* fds, nfds_t count, const timespec* timeout,
                              const sigset_t* mask, size_t) {
  return pollAny(fds, count, nanosecondsOf(timeout), mask);
}
