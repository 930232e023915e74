#pragma once

#include <functional>
#include <string>
#include <thread>

#include "support/error.h"

namespace pimon {

// Under load the recording comes first, and the preview suffers first. Values are added to the
// process's niceness; raising a priority needs the right to it (root, CAP_SYS_NICE or systemd's
// LimitNICE), and without it a thread stays as it is.
enum class Priority : int {
  Camera = -10,
  Recording = -5,
  Normal = 0,
  Preview = 5,
  Background = 15
};

// A named thread that leaves all signals to the main thread. What escapes `body` is handed to
// `onError` on the same thread, as its last act.
class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { join(); }

  // `name` is what ps and top show; at most 15 characters.
  void start(const std::string& name, std::function<void()> body,
             std::function<void(const Error&)> onError, Priority priority = Priority::Normal);
  // The caller has told the body to end.
  void join();
  bool running() const { return thread_.joinable(); }

 private:
  std::thread thread_;
};

}  // namespace pimon
