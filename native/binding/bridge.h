#pragma once

#include <napi.h>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <variant>

#include "live/live_queue.h"
#include "pipeline.h"

namespace pimon {

// Carries what the pipeline's threads say to the JavaScript thread. Pictures: the newest of each
// class. Live video: what LiveQueue keeps of it. Events and settled promises: all, in order; losses
// of a stage and errors of a code that still wait are joined, so the queue stays short while
// JavaScript is busy. The ThreadSafeFunction only wakes.
class Bridge final : public PipelineListener {
 public:
  using Settle = std::function<void(Napi::Env)>;

  // `listener` has onPreview, onEvent and perhaps onVideo (src/native.ts).
  Bridge(Napi::Env env, const Napi::Object& listener);

  void onPreview(PreviewMessage message) noexcept override;
  void onVideo(LiveMessage message) noexcept override;
  void onEvent(Event event) noexcept override;
  // Runs on the JavaScript thread, after the events that came before.
  void settle(Settle settle);

  // Frames of live video of any class that JavaScript was too late for, ever.
  uint64_t videoDropped() const;

  // On the JavaScript thread: what still waits to be settled, where no wake-up will come for it.
  void settleRest(Napi::Env env);
  // On the JavaScript thread; nothing is carried any more, and the event loop may end.
  void close();

 private:
  using Item = std::variant<Event, Settle>;

  void wake();
  void deliver(Napi::Env env);
  bool join(const Event& event);

  Napi::ObjectReference listener_;
  Napi::ThreadSafeFunction wake_;

  mutable std::mutex mutex_;
  std::map<int, PreviewMessage> pictures_;  // by class
  std::map<VideoClass, LiveQueue> video_;
  std::deque<Item> items_;
  bool closed_ = false;
};

}  // namespace pimon
