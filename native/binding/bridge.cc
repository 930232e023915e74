#include "binding/bridge.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "binding/convert.h"

namespace pimon {

Bridge::Bridge(Napi::Env env, const Napi::Object& listener)
    : listener_(Napi::Persistent(listener)),
      // One wake-up waiting is enough: it delivers whatever is there by then.
      wake_(Napi::ThreadSafeFunction::New(env, Napi::Function(), "pi-monitor", 1, 1)) {}

void Bridge::onPreview(PreviewMessage message) noexcept {
  {
    // The one it replaces goes with `message`: the encoder's thread does not wait for that.
    const std::lock_guard lock(mutex_);
    std::swap(pictures_[message.classId], message);
  }
  wake();
}

void Bridge::onVideo(LiveMessage message) noexcept {
  {
    const std::lock_guard lock(mutex_);
    LiveQueue& queue = video_[message.videoClass];
    queue.push(std::move(message));
  }
  wake();
}

uint64_t Bridge::videoDropped() const {
  const std::lock_guard lock(mutex_);
  uint64_t dropped = 0;
  for (const auto& [videoClass, queue] : video_) dropped += queue.dropped();
  return dropped;
}

void Bridge::onEvent(Event event) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!join(event)) items_.emplace_back(std::move(event));
  }
  wake();
}

void Bridge::settle(Settle settle) {
  {
    const std::lock_guard lock(mutex_);
    items_.emplace_back(std::move(settle));
  }
  wake();
}

bool Bridge::join(const Event& event) {
  for (Item& item : items_) {
    auto* waiting = std::get_if<Event>(&item);
    if (waiting == nullptr) continue;
    if (const auto* loss = std::get_if<LossEvent>(&event)) {
      auto* before = std::get_if<LossEvent>(waiting);
      if (before == nullptr || before->stage != loss->stage) continue;
      before->frames += loss->frames;
      return true;
    }
    if (const auto* error = std::get_if<ErrorEvent>(&event)) {
      const auto* before = std::get_if<ErrorEvent>(waiting);
      if (before != nullptr && before->code == error->code) return true;
    }
  }
  return false;
}

void Bridge::wake() {
  // A full queue means that a wake-up waits already; a closing one that nobody listens.
  wake_.NonBlockingCall([this](Napi::Env env, Napi::Function) { deliver(env); });
}

void Bridge::deliver(Napi::Env env) {
  std::map<int, PreviewMessage> pictures;
  std::deque<LiveMessage> video;
  std::deque<Item> items;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    for (auto& [videoClass, queue] : video_) {
      std::ranges::move(queue.take(), std::back_inserter(video));
    }
    pictures.swap(pictures_);
    items.swap(items_);
  }
  const Napi::HandleScope scope(env);
  // What a listener throws keeps nothing from the others. Node would only warn of it.
  const auto tell = [&](const char* name, const std::vector<napi_value>& arguments) {
    try {
      const Napi::Value listener = listener_.Get(name);
      if (listener.IsFunction()) listener.As<Napi::Function>().Call(arguments);
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());
    }
  };
  for (auto& [classId, message] : pictures) {
    if (closed_) break;
    tell("onPreview", {Napi::Number::New(env, classId), toBytes(env, std::move(message.bytes))});
  }
  for (LiveMessage& message : video) {
    if (closed_) break;
    tell("onVideo", {toJs(env, message.videoClass), toBytes(env, std::move(message.bytes))});
  }
  for (Item& item : items) {
    if (auto* settle = std::get_if<Settle>(&item)) {
      (*settle)(env);
    } else if (!closed_) {
      tell("onEvent", {toJs(env, std::get<Event>(item))});
    }
  }
}

void Bridge::settleRest(Napi::Env env) {
  std::deque<Item> items;
  {
    const std::lock_guard lock(mutex_);
    items.swap(items_);
  }
  for (Item& item : items) {
    if (auto* settle = std::get_if<Settle>(&item)) (*settle)(env);
  }
}

void Bridge::close() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
  }
  wake_.Abort();
}

}  // namespace pimon
