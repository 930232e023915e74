#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support/bounded_queue.h"
#include "support/latest_slot.h"

namespace pimon {

TEST_SUITE("bounded queue") {
  using Pushed = BoundedQueue<int>::Pushed;

  TEST_CASE("it is first in, first out, and full at its capacity") {
    BoundedQueue<int> queue(2);
    CHECK(queue.push(1) == Pushed::Yes);
    CHECK(queue.push(2) == Pushed::Yes);
    CHECK(queue.push(3) == Pushed::Full);
    CHECK(queue.pop() == 1);
    CHECK(queue.push(4) == Pushed::Yes);
    CHECK(queue.pop() == 2);
    CHECK(queue.pop() == 4);
  }

  TEST_CASE("closed, it takes no more and gives out what it has") {
    BoundedQueue<int> queue(2);
    queue.push(1);
    queue.close();
    CHECK(queue.push(2) == Pushed::Closed);
    CHECK(queue.pop() == 1);
    CHECK_FALSE(queue.pop());
  }

  TEST_CASE("an item it does not take is let go") {
    BoundedQueue<std::shared_ptr<int>> queue(1);
    const auto item = std::make_shared<int>(1);
    queue.push(item);
    queue.push(item);
    CHECK(item.use_count() == 2);
    CHECK(queue.clear().size() == 1);
    CHECK(item.use_count() == 1);
  }

  TEST_CASE("between threads nothing is lost or doubled") {
    BoundedQueue<int> queue(4);
    std::vector<int> taken;
    std::thread reader([&] {
      while (const auto item = queue.pop()) taken.push_back(*item);
    });
    for (int i = 0; i < 2000; ++i) {
      while (queue.push(i) == Pushed::Full) std::this_thread::yield();
    }
    queue.close();
    reader.join();
    REQUIRE(taken.size() == 2000);
    for (int i = 0; i < 2000; ++i) CHECK(taken[static_cast<size_t>(i)] == i);
  }
}

TEST_SUITE("latest slot") {
  TEST_CASE("a newer item replaces the unread one, which comes back") {
    LatestSlot<int> slot;
    CHECK_FALSE(slot.put(1));
    CHECK(slot.put(2) == 1);
    CHECK(slot.take() == 2);
    CHECK_FALSE(slot.put(3));
  }

  TEST_CASE("clearing and closing let go of the unread item") {
    LatestSlot<std::shared_ptr<int>> slot;
    const auto item = std::make_shared<int>(1);
    slot.put(item);
    slot.clear();
    CHECK(item.use_count() == 1);
    slot.put(item);
    slot.close();
    CHECK(item.use_count() == 1);
    CHECK(slot.put(item) == item);
    CHECK_FALSE(slot.take());
  }

  TEST_CASE("a reader sees items in order, the last among them, and is woken by the end") {
    LatestSlot<int> slot;
    std::atomic<int> last = -1;
    bool inOrder = true;
    std::thread reader([&] {
      while (const auto item = slot.take()) {
        inOrder = inOrder && *item > last;
        last = *item;
      }
    });
    for (int i = 0; i < 2000; ++i) slot.put(i);
    while (last != 1999) std::this_thread::yield();
    slot.close();
    reader.join();
    CHECK(inOrder);
  }
}

}  // namespace pimon
