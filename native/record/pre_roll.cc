#include "record/pre_roll.h"

#include <utility>

namespace pimon {

namespace {

// 50 s of 10 Mb/s: what a small machine can spare.
constexpr size_t kMostBytes = size_t{64} << 20;

}  // namespace

void PreRoll::add(PacketPtr packet) {
  if (packets_.empty() && !packet->key) return;
  const int64_t nowNs = packet->info.sensorNs;
  if (packet->key) keysNs_.push_back(nowNs);
  bytes_ += packet->data.size();
  packets_.push_back(std::move(packet));
  while (keysNs_.size() > 1 && (nowNs - keysNs_[1] >= spanNs_ || bytes_ > kMostBytes)) dropGop();
}

void PreRoll::dropGop() {
  keysNs_.pop_front();
  do {
    bytes_ -= packets_.front()->data.size();
    packets_.pop_front();
  } while (!packets_.front()->key);
}

std::deque<PacketPtr> PreRoll::take() {
  keysNs_.clear();
  bytes_ = 0;
  return std::exchange(packets_, {});
}

}  // namespace pimon
