#include "record/packet_ring.h"

#include <chrono>
#include <utility>

#include "support/clock.h"

namespace pimon {

void PacketRing::push(PacketPtr packet) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    dropping_ = !fits(*packet) || (dropping_ && !packet->key);
    if (dropping_) {
      dropped_ += packet->lostBefore;
      ++dropped_[Stage::Writer];
      return;
    }
    Losses lostBefore = std::exchange(dropped_, {});
    lostBefore += packet->lostBefore;
    bytes_ += packet->data.size();
    items_.push_back({std::move(packet), lostBefore});
  }
  changed_.notify_one();
}

bool PacketRing::fits(const Packet& packet) const {
  if (items_.empty()) return true;
  const int64_t spanNs = packet.info.sensorNs - items_.front().packet->info.sensorNs;
  return spanNs <= limits_.spanNs && bytes_ + packet.data.size() <= limits_.bytes;
}

std::optional<PacketRing::Item> PacketRing::pop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
  if (items_.empty()) return std::nullopt;
  Item item = std::move(items_.front());
  items_.pop_front();
  bytes_ -= item.packet->data.size();
  return item;
}

bool PacketRing::waitUntil(int64_t instantNs) {
  const std::chrono::nanoseconds left(instantNs - monotonicNs());
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, left, [this] { return closed_ || !items_.empty(); });
}

void PacketRing::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

Losses PacketRing::droppedAtEnd() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace pimon
