#pragma once

#include <functional>
#include <string>
#include <thread>

#include "support/error.h"

namespace pimon {

// A named thread that leaves all signals to the main thread. What escapes `body` is handed to
// `onError` on the same thread, as its last act.
class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { join(); }

  // `name` is what ps and top show; at most 15 characters. `nice` is added to the thread's own
  // niceness: 0 keeps it, more gives way to others.
  void start(const std::string& name, std::function<void()> body,
             std::function<void(const Error&)> onError, int nice = 0);
  // The caller has told the body to end.
  void join();
  bool running() const { return thread_.joinable(); }

 private:
  std::thread thread_;
};

}  // namespace pimon
