#include <array>
#include <utility>

#include "binding/convert.h"

namespace pimon {

namespace {

double number(const Napi::Object& object, const char* key) {
  return object.Get(key).As<Napi::Number>().DoubleValue();
}

double number(const Napi::Object& object, const char* key, double without) {
  return object.Has(key) ? number(object, key) : without;
}

int integer(const Napi::Object& object, const char* key) {
  return object.Get(key).As<Napi::Number>().Int32Value();
}

std::string text(const Napi::Object& object, const char* key) {
  return object.Get(key).As<Napi::String>().Utf8Value();
}

ControlValue controlValue(const Napi::Value& value) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  if (value.IsNumber()) return value.As<Napi::Number>().DoubleValue();
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  std::vector<double> numbers;
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i) {
    numbers.push_back(array.Get(i).As<Napi::Number>().DoubleValue());
  }
  return numbers;
}

CameraSync cameraSync(const std::string& name) {
  if (name == "server") return CameraSync::Server;
  return name == "client" ? CameraSync::Client : CameraSync::Off;
}

}  // namespace

CameraRequest cameraRequest(const Napi::Object& object) {
  CameraRequest request;
  request.id = text(object, "id");
  request.config.size = {integer(object, "width"), integer(object, "height")};
  request.config.fps = number(object, "fps");
  request.config.preview = Size{integer(object, "previewWidth"), integer(object, "previewHeight")};
  if (object.Has("sync")) request.config.sync = cameraSync(text(object, "sync"));
  return request;
}

RecordingRequest recordingRequest(const Napi::Object& object) {
  const std::optional<ContainerKind> container = containerKind(text(object, "container"));
  if (!container) throw Error("invalid-value", "No such container.", "container");
  return {.folder = text(object, "folder"),
          .name = text(object, "name"),
          .container = *container,
          .numbered = object.Get("numbered").As<Napi::Boolean>().Value(),
          .firstSegment = static_cast<uint32_t>(number(object, "firstSegment", 0)),
          .firstFrame = static_cast<uint64_t>(number(object, "firstFrame", 0)),
          .segmentNs = static_cast<int64_t>(number(object, "segmentMs") * 1e6),
          .segmentBytes = static_cast<uint64_t>(number(object, "segmentBytes")),
          .maxDurationNs = static_cast<int64_t>(number(object, "maxDurationMs") * 1e6)};
}

EncoderSettings encoderSettings(const Napi::Object& object) {
  return {.kind = text(object, "kind"),
          .bitrate = integer(object, "bitrate"),
          .preset = text(object, "preset"),
          .quality = integer(object, "quality"),
          .threads = integer(object, "threads"),
          .gop = std::chrono::milliseconds(integer(object, "gopMs"))};
}

ControlValues controlValues(const Napi::Object& object) {
  ControlValues values;
  const Napi::Array keys = object.GetPropertyNames();
  for (uint32_t i = 0; i < keys.Length(); ++i) {
    const std::string key = keys.Get(i).As<Napi::String>().Utf8Value();
    values.emplace(key, controlValue(object.Get(key)));
  }
  return values;
}

std::vector<PreviewClass> previewClasses(const Napi::Array& array) {
  std::vector<PreviewClass> classes;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const auto object = array.Get(i).As<Napi::Object>();
    classes.push_back({.id = integer(object, "id"),
                       .width = integer(object, "width"),
                       .fps = number(object, "fps"),
                       .quality = integer(object, "quality")});
  }
  return classes;
}

StopReason stopReason(const std::string& wanted) {
  for (const StopReason reason :
       {StopReason::Requested, StopReason::Duration, StopReason::DiskReserve, StopReason::DiskGone,
        StopReason::DiskError, StopReason::CameraLost, StopReason::EncoderFailed,
        StopReason::Shutdown}) {
    if (wanted == name(reason)) return reason;
  }
  throw Error("invalid-value", "No such reason: " + wanted, "reason");
}

VideoClass videoClass(const std::string& wanted) {
  for (const VideoClass videoClass : kVideoClasses) {
    if (wanted == name(videoClass)) return videoClass;
  }
  throw Error("invalid-value", "No such class of video: " + wanted, "videoClass");
}

Fault::Kind faultKind(const std::string& wanted) {
  constexpr std::array<std::pair<const char*, Fault::Kind>, 4> kKinds{
      {{"drop-at-sensor", Fault::Kind::DropAtSensor},
       {"delay", Fault::Kind::Delay},
       {"stall", Fault::Kind::Stall},
       {"fail", Fault::Kind::Fail}}};
  for (const auto& [kind, value] : kKinds) {
    if (wanted == kind) return value;
  }
  throw Error("invalid-value", "No such fault: " + wanted, "kind");
}

}  // namespace pimon
