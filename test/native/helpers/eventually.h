#pragma once

#include <chrono>
#include <thread>

namespace pimon {

// Waits until other threads have brought `condition` about. False after a limit that only a hang
// reaches, however loaded the machine.
template <class Condition>
bool eventually(Condition condition, std::chrono::seconds limit = std::chrono::seconds(30)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace pimon
