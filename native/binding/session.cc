#include "binding/session.h"

#include <utility>

#include "binding/convert.h"
#include "camera/cameras.h"

namespace pimon {

namespace {

// Runs what throws Error, and throws it as JavaScript knows it.
template <class Run>
auto guarded(Napi::Env env, Run run) {
  try {
    return run();
  } catch (const Error& error) {
    throw toError(env, error);
  }
}

constexpr auto kValue = [](Napi::Env env, const auto& value) { return toJs(env, value); };

}  // namespace

Napi::Function Session::define(Napi::Env env) {
  return DefineClass(
      env, "Session",
      {InstanceMethod<&Session::start>("start"),
       InstanceMethod<&Session::restartCamera>("restartCamera"),
       InstanceMethod<&Session::close>("close"), InstanceMethod<&Session::status>("status"),
       InstanceMethod<&Session::controls>("controls"),
       InstanceMethod<&Session::setControls>("setControls"),
       InstanceMethod<&Session::setPreview>("setPreview"),
       InstanceMethod<&Session::setLiveVideo>("setLiveVideo"),
       InstanceMethod<&Session::requestLiveKeyframe>("requestLiveKeyframe"),
       InstanceMethod<&Session::snapshot>("snapshot"),
       InstanceMethod<&Session::startRecording>("startRecording"),
       InstanceMethod<&Session::armRecording>("armRecording"),
       InstanceMethod<&Session::moveStart>("moveStart"),
       InstanceMethod<&Session::stopRecording>("stopRecording"),
       InstanceMethod<&Session::setPreRoll>("setPreRoll"),
       InstanceMethod<&Session::splitRecording>("splitRecording"),
       InstanceMethod<&Session::setEncoder>("setEncoder"),
       InstanceMethod<&Session::watchDisk>("watchDisk"),
       InstanceMethod<&Session::inject>("inject")});
}

Session::Session(const Napi::CallbackInfo& info)
    : ObjectWrap(info),
      env_(info.Env()),
      bridge_(std::make_shared<Bridge>(info.Env(), info[0].As<Napi::Object>())),
      pipeline_(std::make_unique<Pipeline>(*bridge_, openCamera, chooseEncoder)) {
  // Hooks run last in, first out: this one before those of the bridge's ThreadSafeFunction.
  napi_add_env_cleanup_hook(env_, onEnvironmentEnd, this);
}

Session::~Session() {
  napi_remove_env_cleanup_hook(env_, onEnvironmentEnd, this);
  shutDown();
}

void Session::onEnvironmentEnd(void* self) { static_cast<Session*>(self)->shutDown(); }

void Session::shutDown() {
  disk_.reset();
  pipeline_.reset();
  bridge_->close();
}

Pipeline& Session::pipeline() {
  if (!pipeline_) throw toError(env_, Error("internal", "The session is closed."));
  return *pipeline_;
}

template <class Run, class Convert>
Napi::Value Session::post(Napi::Env env, Run run, Convert convert) {
  const auto deferred = Napi::Promise::Deferred::New(env);
  // The pipeline runs all tasks before it ends, so it outlives this one.
  pipeline().control().post([pipeline = pipeline_.get(), bridge = bridge_, deferred,
                             run = std::move(run), convert]() mutable {
    try {
      bridge->settle([deferred, convert, result = run(*pipeline)](Napi::Env env) {
        deferred.Resolve(convert(env, result));
      });
    } catch (const Error& error) {
      bridge->settle(
          [deferred, error](Napi::Env env) { deferred.Reject(toError(env, error).Value()); });
    } catch (const std::exception& error) {
      bridge->settle([deferred, failure = Error("internal", error.what())](Napi::Env env) {
        deferred.Reject(toError(env, failure).Value());
      });
    }
  });
  return deferred.Promise();
}

Napi::Value Session::start(const Napi::CallbackInfo& info) {
  return post(
      info.Env(),
      [request = cameraRequest(info[0].As<Napi::Object>())](Pipeline& pipeline) {
        return pipeline.start(request);
      },
      kValue);
}

Napi::Value Session::restartCamera(const Napi::CallbackInfo& info) {
  return post(
      info.Env(),
      [reopen = info[0].As<Napi::Boolean>().Value()](Pipeline& pipeline) {
        pipeline.restartCamera(reopen);
        return std::monostate{};
      },
      [](Napi::Env env, std::monostate) { return env.Undefined(); });
}

Napi::Value Session::close(const Napi::CallbackInfo& info) {
  if (!pipeline_) {
    const auto deferred = Napi::Promise::Deferred::New(info.Env());
    deferred.Resolve(info.Env().Undefined());
    return deferred.Promise();
  }
  // The slow part happens on the control thread; what is left is to join idle threads. The
  // reference keeps this object alive until then.
  auto self =
      std::make_shared<Napi::ObjectReference>(Napi::Persistent(info.This().As<Napi::Object>()));
  return post(
      info.Env(),
      [disk = std::exchange(disk_, nullptr)](Pipeline& pipeline) mutable {
        pipeline.stop();
        disk.reset();  // here, as it waits for a disk that does not answer
        return std::monostate{};
      },
      [this, self](Napi::Env env, std::monostate) {
        pipeline_.reset();  // runs what was asked for meanwhile
        bridge_->settleRest(env);
        shutDown();
        self->Reset();
        return env.Undefined();
      });
}

Napi::Value Session::status(const Napi::CallbackInfo& info) {
  Napi::Value status =
      toJs(info.Env(), pipeline().status(), disk_ ? disk_->latest() : std::nullopt);
  const auto live = status.As<Napi::Object>().Get("live").As<Napi::Object>();
  live.Set("dropped", static_cast<double>(bridge_->videoDropped()));
  return status;
}

Napi::Value Session::controls(const Napi::CallbackInfo& info) {
  return toJs(info.Env(), pipeline().controls());
}

Napi::Value Session::setControls(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    return toJs(info.Env(), pipeline().setControls(controlValues(info[0].As<Napi::Object>())));
  });
}

void Session::setPreview(const Napi::CallbackInfo& info) {
  pipeline().setPreview(previewClasses(info[0].As<Napi::Array>()));
}

Napi::Value Session::setLiveVideo(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>();
  return post(
      info.Env(),
      [name, on = info[1].As<Napi::Boolean>().Value(),
       settings = encoderSettings(info[2].As<Napi::Object>())](Pipeline& pipeline) {
        pipeline.setLiveVideo(videoClass(name), on, settings);
        return std::monostate{};
      },
      [](Napi::Env env, std::monostate) { return env.Undefined(); });
}

void Session::requestLiveKeyframe(const Napi::CallbackInfo& info) {
  guarded(info.Env(),
          [&] { pipeline().requestLiveKeyframe(videoClass(info[0].As<Napi::String>())); });
}

Napi::Value Session::snapshot(const Napi::CallbackInfo& info) {
  const auto deferred = Napi::Promise::Deferred::New(info.Env());
  const int width = info[0].As<Napi::Number>().Int32Value();
  const int quality = info[1].As<Napi::Number>().Int32Value();
  pipeline().snapshot(width, quality, [bridge = bridge_, deferred](std::vector<uint8_t> jpeg) {
    bridge->settle([deferred, jpeg = std::move(jpeg)](Napi::Env env) {
      if (jpeg.empty()) {
        deferred.Reject(toError(env, Error("camera-lost", "The camera gives no frames.")).Value());
      } else {
        deferred.Resolve(toBytes(env, jpeg));
      }
    });
  });
  return deferred.Promise();
}

Napi::Value Session::startRecording(const Napi::CallbackInfo& info) {
  return record(info, std::nullopt);
}

Napi::Value Session::armRecording(const Napi::CallbackInfo& info) {
  return record(info, static_cast<int64_t>(info[1].As<Napi::Number>().DoubleValue()));
}

Napi::Value Session::moveStart(const Napi::CallbackInfo& info) {
  const auto startAtNs = static_cast<int64_t>(info[0].As<Napi::Number>().DoubleValue());
  return post(
      info.Env(),
      [startAtNs](Pipeline& pipeline) {
        pipeline.moveStart(startAtNs);
        return std::monostate{};
      },
      [](Napi::Env env, std::monostate) { return env.Undefined(); });
}

Napi::Value Session::record(const Napi::CallbackInfo& info, std::optional<int64_t> startAtNs) {
  const auto object = info[0].As<Napi::Object>();
  RecordingRequest request = guarded(info.Env(), [&] { return recordingRequest(object); });
  request.startAtNs = startAtNs;
  return post(
      info.Env(),
      [request, encoder = encoderSettings(object.Get("encoder").As<Napi::Object>())](
          Pipeline& pipeline) { return pipeline.startRecording(request, encoder); },
      kValue);
}

Napi::Value Session::stopRecording(const Napi::CallbackInfo& info) {
  const std::string reason = info[0].As<Napi::String>().Utf8Value();
  return post(
      info.Env(),
      [reason](Pipeline& pipeline) { return pipeline.stopRecording(stopReason(reason)); }, kValue);
}

Napi::Value Session::setPreRoll(const Napi::CallbackInfo& info) {
  const auto spanNs = static_cast<int64_t>(info[0].As<Napi::Number>().DoubleValue() * 1e6);
  return post(
      info.Env(),
      [spanNs, settings = encoderSettings(info[1].As<Napi::Object>())](Pipeline& pipeline) {
        pipeline.setPreRoll(spanNs, settings);
        return std::monostate{};
      },
      [](Napi::Env env, std::monostate) { return env.Undefined(); });
}

Napi::Value Session::splitRecording(const Napi::CallbackInfo& info) {
  return post(
      info.Env(),
      [](Pipeline& pipeline) {
        pipeline.splitRecording();
        return std::monostate{};
      },
      [](Napi::Env env, std::monostate) { return env.Undefined(); });
}

Napi::Value Session::setEncoder(const Napi::CallbackInfo& info) {
  return post(
      info.Env(),
      [settings = encoderSettings(info[0].As<Napi::Object>())](Pipeline& pipeline) {
        pipeline.applyEncoderSettings(settings);
        return std::monostate{};
      },
      [](Napi::Env env, std::monostate) { return env.Undefined(); });
}

void Session::watchDisk(const Napi::CallbackInfo& info) {
  // It ends before the pipeline does.
  const auto openFile = [&pipeline = pipeline()] {
    const PipelineStatus status = pipeline.status();
    const auto& recording = status.recording;
    return recording ? recording->folder + "/" + recording->video : std::string();
  };
  // Whoever lets go of the one before may have to wait for the disk.
  pipeline().control().post([before = std::exchange(disk_, std::make_shared<DiskWatch>())] {});
  disk_->start(info[0].As<Napi::String>().Utf8Value(), openFile);
}

void Session::inject(const Napi::CallbackInfo& info) {
  const auto object = info[0].As<Napi::Object>();
  const auto optional = [&](const char* key, int otherwise) {
    const Napi::Value value = object.Get(key);
    return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : otherwise;
  };
  const std::string kind = object.Get("kind").As<Napi::String>().Utf8Value();
  const int milliseconds = optional("milliseconds", 0);
  guarded(info.Env(), [&] {
    if (kind == "stall-preview") {
      pipeline().stallPreview(milliseconds);
    } else {
      pipeline().inject({faultKind(kind), optional("count", 1), milliseconds});
    }
  });
}

}  // namespace pimon
