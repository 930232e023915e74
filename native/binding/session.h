#pragma once

#include <napi.h>

#include <memory>

#include "binding/bridge.h"
#include "pipeline.h"
#include "record/disk_watch.h"

namespace pimon {

// The JavaScript class Session of src/native.ts: one pipeline and its bridge.
class Session final : public Napi::ObjectWrap<Session> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit Session(const Napi::CallbackInfo& info);
  ~Session() override;

 private:
  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value restartCamera(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value controls(const Napi::CallbackInfo& info);
  Napi::Value setControls(const Napi::CallbackInfo& info);
  void setPreview(const Napi::CallbackInfo& info);
  Napi::Value setLiveVideo(const Napi::CallbackInfo& info);
  void requestLiveKeyframe(const Napi::CallbackInfo& info);
  Napi::Value snapshot(const Napi::CallbackInfo& info);
  Napi::Value startRecording(const Napi::CallbackInfo& info);
  Napi::Value armRecording(const Napi::CallbackInfo& info);
  Napi::Value record(const Napi::CallbackInfo& info, std::optional<int64_t> startAtNs);
  Napi::Value stopRecording(const Napi::CallbackInfo& info);
  Napi::Value setPreRoll(const Napi::CallbackInfo& info);
  Napi::Value moveStart(const Napi::CallbackInfo& info);
  Napi::Value splitRecording(const Napi::CallbackInfo& info);
  Napi::Value setEncoder(const Napi::CallbackInfo& info);
  void watchDisk(const Napi::CallbackInfo& info);
  void inject(const Napi::CallbackInfo& info);

  // Runs `run(pipeline)` on the control thread; the promise is settled with its result, made a
  // JavaScript value by `convert(env, result)`.
  template <class Run, class Convert>
  Napi::Value post(Napi::Env env, Run run, Convert convert);
  Pipeline& pipeline();
  static void onEnvironmentEnd(void* self);
  // Joins every thread; on the JavaScript thread.
  void shutDown();

  Napi::Env env_;
  std::shared_ptr<Bridge> bridge_;  // a wake-up may still be under way when the session is gone
  std::unique_ptr<Pipeline> pipeline_;
  std::shared_ptr<DiskWatch> disk_;
};

}  // namespace pimon
