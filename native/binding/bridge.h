#pragma once

#include <napi.h>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <variant>

#include "pipeline.h"

namespace pimon {

// Carries what the pipeline's threads say to the JavaScript thread. Pictures: the newest of each
// class. Events and settled promises: all, in order; losses of a stage and errors of a code that
// still wait are joined, so the queue stays short while JavaScript is busy. The
// ThreadSafeFunction only wakes.
class Bridge final : public PipelineListener {
 public:
  using Settle = std::function<void(Napi::Env)>;

  // `listener` has onPreview and onEvent (src/native.ts).
  Bridge(Napi::Env env, const Napi::Object& listener);

  void onPreview(PreviewMessage message) noexcept override;
  void onEvent(Event event) noexcept override;
  // Runs on the JavaScript thread, after the events that came before.
  void settle(Settle settle);

  // On the JavaScript thread; nothing is carried any more, and the event loop may end.
  void close();

 private:
  using Item = std::variant<Event, Settle>;

  void wake();
  void deliver(Napi::Env env);
  bool join(const Event& event);

  Napi::ObjectReference listener_;
  Napi::ThreadSafeFunction wake_;

  std::mutex mutex_;
  std::map<int, PreviewMessage> pictures_;  // by class
  std::deque<Item> items_;
  bool closed_ = false;
};

}  // namespace pimon
