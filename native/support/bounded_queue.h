#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace pimon {

// First in, first out, at most `capacity` items, between any threads.
template <class T>
class BoundedQueue {
 public:
  enum class Pushed { Yes, Full, Closed };

  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  Pushed push(T item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return Pushed::Closed;
      if (items_.size() >= capacity_) return Pushed::Full;
      items_.push_back(std::move(item));
    }
    changed_.notify_one();
    return Pushed::Yes;
  }

  // Waits for an item; none once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

  // Takes no more items; what is in it can still be popped.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  // Empties it and returns what was in it, so that items die outside the lock.
  std::deque<T> clear() {
    const std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace pimon
