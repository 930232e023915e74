#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "encode/encoder.h"

namespace pimon {

// The packets between the encoder and the disk. It holds so many seconds and bytes; beyond them
// it drops up to the next keyframe that fits, so that what is written stays decodable, and says
// with the next packet how many it dropped.
class PacketRing {
 public:
  struct Limits {
    int64_t spanNs = 0;  // of sensor time
    size_t bytes = 0;
  };
  struct Item {
    PacketPtr packet;
    Losses lostBefore;  // the packet's own and what the ring dropped before it
  };

  explicit PacketRing(Limits limits) : limits_(limits) {}

  // Makes room for more, before anything is in it.
  void widen(Limits by) {
    limits_.spanNs += by.spanNs;
    limits_.bytes += by.bytes;
  }
  // Never blocks.
  void push(PacketPtr packet);
  // Waits for a packet; none once the ring is closed and empty.
  std::optional<Item> pop();
  // Waits for what pop() would return; false where it has not come by then, of CLOCK_MONOTONIC.
  bool waitUntil(int64_t instantNs);
  // Takes no more; what is in it can still be popped.
  void close();
  // What was dropped after the last packet it took.
  Losses droppedAtEnd() const;

 private:
  bool fits(const Packet& packet) const;

  Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  size_t bytes_ = 0;
  Losses dropped_;
  bool dropping_ = false;
  bool closed_ = false;
};

}  // namespace pimon
