#pragma once

#include <napi.h>

#include <functional>
#include <optional>
#include <utility>

#include "binding/convert.h"
#include "support/error.h"

namespace pimon {

// Runs a function beside the event loop and settles a promise with its result.
template <class Result>
class PromiseWorker final : public Napi::AsyncWorker {
 public:
  PromiseWorker(Napi::Env env, std::function<Result()> run)
      : AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), run_(std::move(run)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 private:
  void Execute() override {
    try {
      result_ = run_();
    } catch (const Error& error) {
      error_ = error;
    }
  }

  void OnOK() override {
    if (error_) {
      deferred_.Reject(toError(Env(), *error_).Value());
    } else {
      deferred_.Resolve(toJs(Env(), *result_));
    }
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

  Napi::Promise::Deferred deferred_;
  std::function<Result()> run_;
  std::optional<Result> result_;
  std::optional<Error> error_;
};

template <class Result>
Napi::Value runAside(Napi::Env env, std::function<Result()> run) {
  auto* worker = new PromiseWorker<Result>(env, std::move(run));  // deletes itself when done
  worker->Queue();
  return worker->promise();
}

}  // namespace pimon
