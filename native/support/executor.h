#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "support/worker.h"

namespace pimon {

// Runs tasks one after the other on a thread of its own, so that what they share needs no lock.
// Tasks must not throw.
class Executor {
 public:
  explicit Executor(const std::string& name);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  ~Executor();

  // Runs what was posted, also by the tasks themselves, then ends. What is posted later never runs.
  void finish();
  void post(std::function<void()> task);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool closing_ = false;
  Worker worker_;
};

}  // namespace pimon
