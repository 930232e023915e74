#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "binding/convert.h"
#include "support/clock.h"

namespace pimon {

namespace {

// Nanoseconds fit a double exactly for the first 104 days after the machine's start, and to 1 ns
// after that.
Napi::Value number(Napi::Env env, auto value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Value text(Napi::Env env, std::string_view value) {
  return Napi::String::New(env, value.data(), value.size());
}

Napi::Value textOrNull(Napi::Env env, const std::string& value) {
  return value.empty() ? env.Null() : text(env, value);
}

template <class T>
Napi::Value numberOrNull(Napi::Env env, const std::optional<T>& value) {
  return value ? number(env, *value) : env.Null();
}

template <class T>
Napi::Array list(Napi::Env env, const std::vector<T>& items, auto convert) {
  Napi::Array array = Napi::Array::New(env, items.size());
  for (uint32_t i = 0; i < items.size(); ++i) array.Set(i, convert(items[i]));
  return array;
}

Napi::Object object(Napi::Env env,
                    std::initializer_list<std::pair<const char*, Napi::Value>> fields) {
  Napi::Object result = Napi::Object::New(env);
  for (const auto& [key, value] : fields) result.Set(key, value);
  return result;
}

Napi::Value lossesToJs(Napi::Env env, const Losses& losses) {
  Napi::Object result = Napi::Object::New(env);
  for (const Stage stage : kStages) result.Set(name(stage), number(env, losses[stage]));
  return result;
}

const char* typeName(ControlType type) {
  switch (type) {
    case ControlType::Boolean:
      return "boolean";
    case ControlType::Integer:
      return "integer";
    case ControlType::Number:
      return "number";
    case ControlType::Choice:
      return "choice";
    case ControlType::Numbers:
      return "numbers";
  }
  return "";
}

Napi::Value valueToJs(Napi::Env env, const ControlValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return Napi::Boolean::New(env, *flag);
  if (const auto* one = std::get_if<double>(&value)) return number(env, *one);
  if (const auto* choice = std::get_if<std::string>(&value)) return text(env, *choice);
  return list(env, std::get<std::vector<double>>(value), [&](double n) { return number(env, n); });
}

Napi::Object progressToJs(Napi::Env env, const RecordingProgress& progress) {
  const FrameInfo none;
  const FrameInfo& first = progress.first ? *progress.first : none;
  const FrameInfo& last = progress.last ? *progress.last : none;
  return object(env, {{"folder", text(env, progress.folder)},
                      {"name", text(env, progress.name)},
                      {"segment", number(env, progress.segment)},
                      {"captured", number(env, progress.captured())},
                      {"encoded", number(env, progress.written + progress.losses[Stage::Writer])},
                      {"written", number(env, progress.written)},
                      {"losses", lossesToJs(env, progress.losses)},
                      {"bytes", number(env, progress.bytes)},
                      {"firstSensorNs", number(env, first.sensorNs)},
                      {"firstWallUs", number(env, first.wallUs)},
                      {"lastSensorNs", number(env, last.sensorNs)},
                      {"lastWallUs", number(env, last.wallUs)},
                      {"unsyncedMs", number(env, progress.unsyncedMs)},
                      {"maxUnsyncedMs", number(env, progress.maxUnsyncedMs)}});
}

Napi::Object fileToJs(Napi::Env env, const SegmentFile& file) {
  const FrameInfo none;
  const FrameInfo& first = file.first ? *file.first : none;
  const FrameInfo& last = file.last ? *file.last : none;
  return object(env, {{"video", text(env, file.video)},
                      {"log", text(env, file.log)},
                      {"firstFrame", number(env, file.firstFrame)},
                      {"frames", number(env, file.frames)},
                      {"bytes", number(env, file.bytes)},
                      {"logBytes", number(env, file.logBytes)},
                      {"firstSensorNs", number(env, first.sensorNs)},
                      {"firstWallUs", number(env, first.wallUs)},
                      {"lastSensorNs", number(env, last.sensorNs)},
                      {"lastWallUs", number(env, last.wallUs)},
                      {"closed", Napi::Boolean::New(env, file.closed)}});
}

}  // namespace

Napi::Value toJs(Napi::Env env, uint64_t count) {
  return Napi::Number::New(env, static_cast<double>(count));
}

Napi::Value toJs(Napi::Env env, const CameraInfo& camera) {
  return object(env, {{"id", text(env, camera.id)},
                      {"model", text(env, camera.model)},
                      {"location", text(env, camera.location)},
                      {"source", text(env, camera.source)}});
}

Napi::Value toJs(Napi::Env env, const std::vector<CameraInfo>& cameras) {
  return list(env, cameras, [&](const CameraInfo& camera) { return toJs(env, camera); });
}

Napi::Value toJs(Napi::Env env, const LibcameraBuild& build) {
  return object(env, {{"available", Napi::Boolean::New(env, build.available)},
                      {"version", textOrNull(env, build.version)},
                      {"reason", textOrNull(env, build.reason)}});
}

Napi::Value toJs(Napi::Env env, const EncoderNode& node) {
  return object(env, {{"path", text(env, node.path)},
                      {"driver", text(env, node.driver)},
                      {"card", text(env, node.card)}});
}

Napi::Value toJs(Napi::Env env, const OpenCamera& camera) {
  auto result = toJs(env, camera.info).As<Napi::Object>();
  const StreamFormat& format = camera.format;
  result.Set("width", number(env, format.size.width));
  result.Set("height", number(env, format.size.height));
  result.Set("fps", number(env, format.fps));
  result.Set("pixelFormat", text(env, format.pixelFormat == PixelFormat::Nv12 ? "nv12" : "yuv420"));
  result.Set("previewWidth", format.preview ? number(env, format.preview->width) : env.Null());
  result.Set("previewHeight", format.preview ? number(env, format.preview->height) : env.Null());
  return result;
}

Napi::Value toJs(Napi::Env env, const std::vector<ControlInfo>& controls) {
  return list(env, controls, [&](const ControlInfo& control) {
    return object(env, {{"id", text(env, control.id)},
                        {"type", text(env, typeName(control.type))},
                        {"min", numberOrNull(env, control.min)},
                        {"max", numberOrNull(env, control.max)},
                        {"length", numberOrNull(env, control.length)},
                        {"choices", list(env, control.choices,
                                         [&](const std::string& c) { return text(env, c); })},
                        {"default", valueToJs(env, control.defaultValue)},
                        {"value", valueToJs(env, control.value)},
                        {"unit", text(env, control.unit)}});
  });
}

Napi::Value toJs(Napi::Env env, const RecordingStarted& started) {
  const auto& first = started.first;
  return object(env, {{"firstSensorNs", first ? number(env, first->sensorNs) : env.Null()},
                      {"firstWallUs", first ? number(env, first->wallUs) : env.Null()},
                      {"encoder", object(env, {{"name", text(env, started.encoder.name)},
                                               {"reason", text(env, started.encoder.reason)}})}});
}

Napi::Value toJs(Napi::Env env, const RecordingSummary& summary) {
  Napi::Object result = progressToJs(env, summary);
  result.Set("reason", text(env, name(summary.reason)));
  result.Set("files", list(env, summary.files,
                           [&](const SegmentFile& file) { return fileToJs(env, file); }));
  result.Set("gaps", list(env, summary.gaps, [&](const Gap& gap) {
               return object(env, {{"afterFrame", number(env, gap.afterFrame)},
                                   {"frames", number(env, gap.frames)},
                                   {"stage", text(env, name(gap.stage))},
                                   {"sensorNs", numberOrNull(env, gap.sensorNs)}});
             }));
  result.Set("intervals", object(env, {{"medianUs", number(env, summary.medianUs)},
                                       {"p99Us", number(env, summary.p99Us)},
                                       {"maxUs", number(env, summary.maxUs)}}));
  return result;
}

Napi::Value toJs(Napi::Env env, const Event& event) {
  if (const auto* loss = std::get_if<LossEvent>(&event)) {
    return object(env, {{"type", text(env, "loss")},
                        {"stage", text(env, name(loss->stage))},
                        {"frames", number(env, loss->frames)}});
  }
  if (const auto* error = std::get_if<ErrorEvent>(&event)) {
    return object(env, {{"type", text(env, "error")},
                        {"code", text(env, error->code)},
                        {"message", text(env, error->message)}});
  }
  if (const auto* failed = std::get_if<CameraFailedEvent>(&event)) {
    return object(env, {{"type", text(env, "camera-failed")},
                        {"code", text(env, failed->code)},
                        {"message", text(env, failed->message)}});
  }
  if (const auto* lost = std::get_if<CameraLostEvent>(&event)) {
    return object(env, {{"type", text(env, "camera-lost")},
                        {"code", text(env, lost->code)},
                        {"message", text(env, lost->message)}});
  }
  if (const auto* started = std::get_if<RecordingStartedEvent>(&event)) {
    return object(env, {{"type", text(env, "recording-started")},
                        {"recording", text(env, started->recording)},
                        {"firstSensorNs", number(env, started->first.sensorNs)},
                        {"firstWallUs", number(env, started->first.wallUs)}});
  }
  if (const auto* opened = std::get_if<SegmentOpenedEvent>(&event)) {
    return object(env, {{"type", text(env, "segment-opened")},
                        {"recording", text(env, opened->recording)},
                        {"file", fileToJs(env, opened->file)}});
  }
  if (const auto* closed = std::get_if<SegmentClosedEvent>(&event)) {
    return object(env, {{"type", text(env, "segment-closed")},
                        {"recording", text(env, closed->recording)},
                        {"file", fileToJs(env, closed->file)}});
  }
  if (const auto* hashed = std::get_if<FileHashedEvent>(&event)) {
    return object(env, {{"type", text(env, "file-hashed")},
                        {"recording", text(env, hashed->recording)},
                        {"file", text(env, hashed->file)},
                        {"bytes", number(env, hashed->bytes)},
                        {"sha256", text(env, hashed->sha256)}});
  }
  if (const auto* resumed = std::get_if<CameraResumedEvent>(&event)) {
    return object(env, {{"type", text(env, "camera-resumed")},
                        {"frames", number(env, resumed->outage.frames)},
                        {"lastSensorNs", number(env, resumed->outage.lastSensorNs)},
                        {"sensorNs", number(env, resumed->outage.sensorNs)}});
  }
  return object(env, {{"type", text(env, "recording-ended")},
                      {"summary", toJs(env, std::get<RecordingEndedEvent>(event).summary)}});
}

namespace {

Napi::Value measuredToJs(Napi::Env env, const FrameInfo& info) {
  Napi::Value colourGains = env.Null();
  if (info.colourGains) {
    const std::vector<float> both(info.colourGains->begin(), info.colourGains->end());
    colourGains = list(env, both, [env](float gain) { return number(env, gain); });
  }
  return object(env, {{"exposureUs", numberOrNull(env, info.exposureUs)},
                      {"gain", numberOrNull(env, info.gain)},
                      {"colourGains", colourGains},
                      {"lensPosition", numberOrNull(env, info.lensPosition)}});
}

}  // namespace

Napi::Value toJs(Napi::Env env, const PipelineStatus& status,
                 const std::optional<DiskState>& disk) {
  Napi::Value diskValue = env.Null();
  if (disk) {
    diskValue =
        object(env, {{"present", Napi::Boolean::New(env, disk->present)},
                     {"freeBytes", number(env, disk->freeBytes)},
                     {"totalBytes", number(env, disk->totalBytes)},
                     {"device", number(env, disk->device)},
                     {"fileSystem", text(env, std::to_string(disk->fileSystem))},
                     {"fileInPlace",
                      disk->fileInPlace ? Napi::Boolean::New(env, *disk->fileInPlace) : env.Null()},
                     {"ageMs", number(env, (monotonicNs() - disk->readNs) / 1'000'000)}});
  }
  const bool encoding = status.encoder.has_value();
  return object(
      env, {{"camera", status.camera ? toJs(env, *status.camera) : env.Null()},
            {"measured", status.newest ? measuredToJs(env, *status.newest) : env.Null()},
            {"frames", object(env, {{"captured", number(env, status.captured)},
                                    {"written", number(env, status.written)}})},
            {"losses", lossesToJs(env, status.losses)},
            {"encoder",
             object(env, {{"active", encoding ? text(env, status.encoder->name) : env.Null()},
                          {"device", textOrNull(env, status.encoderReport.device)},
                          {"note", textOrNull(env, status.encoderReport.note)},
                          {"bytesCopied", number(env, status.encoderReport.bytesCopied)},
                          {"reason", encoding ? text(env, status.encoder->reason) : env.Null()}})},
            {"preview", object(env, {{"encoded", number(env, status.preview.encoded)},
                                     {"skipped", number(env, status.preview.skipped)}})},
            {"live", object(env, {{"frames", number(env, status.liveFrames)},
                                  {"smallFrames", number(env, status.small.frames)},
                                  {"smallSkipped", number(env, status.small.skipped)}})},
            {"recording", status.recording ? progressToJs(env, *status.recording) : env.Null()},
            {"disk", diskValue}});
}

Napi::Value toJs(Napi::Env env, VideoClass videoClass) { return text(env, name(videoClass)); }

Napi::Value toBytes(Napi::Env env, std::vector<uint8_t> bytes) {
  auto owned = std::make_unique<std::vector<uint8_t>>(std::move(bytes));
  uint8_t* data = owned->data();
  const size_t size = owned->size();
  const auto release = [](Napi::Env, void*, std::vector<uint8_t>* hint) {
    const std::unique_ptr<std::vector<uint8_t>> last(hint);
  };
  auto buffer = Napi::ArrayBuffer::New(env, data, size, release, owned.release());
  return Napi::Uint8Array::New(env, size, buffer, 0);
}

Napi::Error toError(Napi::Env env, const Error& error) {
  Napi::Error result = Napi::Error::New(env, error.what());
  result.Set("code", text(env, error.code()));
  result.Set("field", textOrNull(env, error.field()));
  return result;
}

}  // namespace pimon
