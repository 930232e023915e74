#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace pimon {

// Holds the newest item only, between one writer and one reader.
template <class T>
class LatestSlot {
 public:
  // Returns the unread item that `item` replaces, so that it dies outside the lock.
  std::optional<T> put(T item) {
    std::optional<T> replaced;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return std::optional<T>(std::move(item));
      replaced = std::exchange(item_, std::optional<T>(std::move(item)));
    }
    changed_.notify_one();
    return replaced;
  }

  // Waits for an item; none once the slot is closed.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || item_.has_value(); });
    return std::exchange(item_, std::nullopt);
  }

  // Drops the unread item and ends every take().
  void close() {
    std::optional<T> dropped;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      dropped = std::exchange(item_, std::nullopt);
    }
    changed_.notify_all();
  }

  // Drops the unread item.
  void clear() {
    std::optional<T> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(item_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<T> item_;
  bool closed_ = false;
};

}  // namespace pimon
