#pragma once

#include <napi.h>

#include <vector>

#include "camera/cameras.h"
#include "encode/v4l2_node.h"
#include "pipeline.h"
#include "record/disk_watch.h"

namespace pimon {

// Between JavaScript values, as src/native.ts types them, and the plain structs of the pipeline.
// TypeScript has validated what comes in.

Napi::Value toJs(Napi::Env env, uint64_t count);
Napi::Value toJs(Napi::Env env, const CameraInfo& camera);
Napi::Value toJs(Napi::Env env, const std::vector<CameraInfo>& cameras);
Napi::Value toJs(Napi::Env env, const LibcameraBuild& build);
Napi::Value toJs(Napi::Env env, const EncoderNode& node);
Napi::Value toJs(Napi::Env env, const OpenCamera& camera);
Napi::Value toJs(Napi::Env env, const std::vector<ControlInfo>& controls);
Napi::Value toJs(Napi::Env env, const RecordingStarted& started);
Napi::Value toJs(Napi::Env env, const RecordingSummary& summary);
Napi::Value toJs(Napi::Env env, const Event& event);
Napi::Value toJs(Napi::Env env, VideoClass videoClass);
Napi::Value toJs(Napi::Env env, const PipelineStatus& status, const std::optional<DiskState>& disk);

// A Uint8Array over the memory of `bytes`, without a copy.
Napi::Value toBytes(Napi::Env env, std::vector<uint8_t> bytes);

// What JavaScript throws or is rejected with: an Error with code and field.
Napi::Error toError(Napi::Env env, const Error& error);

CameraRequest cameraRequest(const Napi::Object& object);
RecordingRequest recordingRequest(const Napi::Object& object);
EncoderSettings encoderSettings(const Napi::Object& object);
ControlValues controlValues(const Napi::Object& object);
std::vector<PreviewClass> previewClasses(const Napi::Array& array);
// By the names of src/native.ts; throws Error on another.
StopReason stopReason(const std::string& name);
VideoClass videoClass(const std::string& name);
Fault::Kind faultKind(const std::string& name);

}  // namespace pimon
