#include <napi.h>

#include <optional>
#include <string>

#include "binding/convert.h"
#include "binding/promise_worker.h"
#include "binding/recording_files.h"
#include "binding/session.h"
#include "camera/cameras.h"
#include "support/av.h"
#include "support/ntp_clock.h"
#include "support/sd_notify.h"

namespace {

Napi::Value versionOf(Napi::Env env, unsigned version) {
  return Napi::String::New(env, std::to_string(AV_VERSION_MAJOR(version)) + "." +
                                    std::to_string(AV_VERSION_MINOR(version)) + "." +
                                    std::to_string(AV_VERSION_MICRO(version)));
}

Napi::Object versions(Napi::Env env, const pimon::LibcameraBuild& libcamera) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("libcamera",
             libcamera.available ? Napi::String::New(env, libcamera.version) : env.Null());
  result.Set("libavcodec", versionOf(env, avcodec_version()));
  result.Set("libavformat", versionOf(env, avformat_version()));
  return result;
}

Napi::Value listCameras(const Napi::CallbackInfo& info) {
  return pimon::runAside<std::vector<pimon::CameraInfo>>(info.Env(), pimon::listCameras);
}

// Where the hardware encoder is, or null.
Napi::Value findEncoder(const Napi::CallbackInfo& info) {
  const std::optional<pimon::EncoderNode> node = pimon::findEncoderNode();
  return node ? pimon::toJs(info.Env(), *node) : info.Env().Null();
}

// The wall clock beside the sensor's, and what the kernel says of it.
Napi::Value clockState(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const pimon::ClockPair pair = pimon::readClockPair();
  const std::optional<pimon::NtpClock> ntp = pimon::readNtpClock();
  const auto number = [&](int64_t value) {
    return Napi::Number::New(env, static_cast<double>(value));
  };
  Napi::Object result = Napi::Object::New(env);
  result.Set("monotonicNs", number(pair.monotonicNs));
  result.Set("wallUs", number(pair.wallUs));
  result.Set("spreadNs", number(pair.spreadNs));
  result.Set("synchronised", ntp ? Napi::Boolean::New(env, ntp->synchronised) : env.Null());
  result.Set("maxErrorUs", ntp ? number(ntp->maxErrorUs) : env.Null());
  result.Set("estimatedErrorUs", ntp ? number(ntp->estimatedErrorUs) : env.Null());
  return result;
}

Napi::Value notifySocket(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>();
  const std::string message = info[1].As<Napi::String>();
  return Napi::Boolean::New(info.Env(), pimon::notifySocket(path, message));
}

// What JavaScript can see; src/native.ts has the types.
Napi::Object init(Napi::Env env, Napi::Object exports) {
  const pimon::LibcameraBuild libcamera = pimon::libcameraBuild();
  exports.Set("versions", versions(env, libcamera));
  exports.Set("libcamera", pimon::toJs(env, libcamera));
  exports.Set("listCameras", Napi::Function::New(env, listCameras, "listCameras"));
  exports.Set("findEncoder", Napi::Function::New(env, findEncoder, "findEncoder"));
  exports.Set("clockState", Napi::Function::New(env, clockState, "clockState"));
  exports.Set("notifySocket", Napi::Function::New(env, notifySocket, "notifySocket"));
  pimon::exportRecordingFiles(env, exports);
  exports.Set("Session", pimon::Session::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(pi_monitor, init)
