#include "binding/recording_files.h"

#include <atomic>
#include <memory>

#include "binding/promise_worker.h"
#include "encode/decoded_pictures.h"
#include "support/worker.h"

namespace pimon {

namespace {

Napi::Value number(Napi::Env env, uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Value numberOrNull(Napi::Env env, const std::optional<int64_t>& value) {
  return value ? Napi::Number::New(env, static_cast<double>(*value)) : env.Null();
}

template <class Times>
void setTimes(Napi::Env env, Napi::Object object, const Times& times) {
  object.Set("firstSensorNs", numberOrNull(env, times.firstSensorNs));
  object.Set("firstWallUs", numberOrNull(env, times.firstWallUs));
  object.Set("lastSensorNs", numberOrNull(env, times.lastSensorNs));
  object.Set("lastWallUs", numberOrNull(env, times.lastWallUs));
}

// Reading and mending files gives way to a recording that runs: on a thread of low priority, which
// one of the event loop's pool waits for.
template <class Result>
Napi::Value runBehind(Napi::Env env, std::function<Result()> run) {
  return runAside<Result>(env, [run = std::move(run)] {
    std::optional<Result> result;
    std::optional<Error> failure;
    Worker worker;
    worker.start(
        "files", [&] { result = run(); }, [&](const Error& error) { failure = error; },
        Priority::Background);
    worker.join();
    if (failure) throw *failure;
    return std::move(*result);
  });
}

// Of the hashes in work; those asked for later have another. On the JavaScript thread.
std::shared_ptr<std::atomic<bool>> hashesCancelled = std::make_shared<std::atomic<bool>>(false);

std::string text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

Napi::Value repair(const Napi::CallbackInfo& info) {
  const auto firstFrame = static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value());
  return runBehind<RepairedSegment>(
      info.Env(), [path = text(info[0]), firstFrame] { return repairSegment(path, firstFrame); });
}

Napi::Value survey(const Napi::CallbackInfo& info) {
  std::vector<std::string> paths;
  const auto array = info[0].As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i) paths.push_back(text(array.Get(i)));
  return runBehind<LogSurvey>(info.Env(), [paths] { return surveyLogs(paths); });
}

Napi::Value hash(const Napi::CallbackInfo& info) {
  return runBehind<FileHash>(info.Env(), [path = text(info[0]), cancelled = hashesCancelled] {
    const auto hash = hashFile(path, *cancelled);
    if (!hash) throw Error("internal", "The checksum is not made: the program ends.");
    return *hash;
  });
}

void cancelHashes(const Napi::CallbackInfo&) {
  *hashesCancelled = true;
  hashesCancelled = std::make_shared<std::atomic<bool>>(false);
}

Napi::Value countPictures(const Napi::CallbackInfo& info) {
  return runAside<uint64_t>(info.Env(), [path = text(info[0])] { return decodedPictures(path); });
}

}  // namespace

Napi::Value toJs(Napi::Env env, const RepairedSegment& repaired) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("video", repaired.video);
  result.Set("log", repaired.log);
  result.Set("wasClosed", repaired.wasClosed);
  result.Set("firstFrame", number(env, repaired.firstFrame));
  result.Set("frames", number(env, repaired.frames));
  result.Set("bytes", number(env, repaired.bytes));
  result.Set("logBytes", number(env, repaired.logBytes));
  result.Set("rowsMade", number(env, repaired.rowsMade));
  result.Set("tailBytes", number(env, repaired.tailBytes));
  result.Set("tail", repaired.tail.empty() ? env.Null() : Napi::String::New(env, repaired.tail));
  setTimes(env, result, repaired);
  return result;
}

Napi::Value toJs(Napi::Env env, const LogSurvey& survey) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("frames", number(env, survey.frames));
  Napi::Object losses = Napi::Object::New(env);
  for (const Stage stage : kStages) losses.Set(name(stage), number(env, survey.losses[stage]));
  result.Set("losses", losses);
  Napi::Array gaps = Napi::Array::New(env, survey.gaps.size());
  for (uint32_t i = 0; i < survey.gaps.size(); ++i) {
    const Gap& gap = survey.gaps[i];
    Napi::Object one = Napi::Object::New(env);
    one.Set("afterFrame", number(env, gap.afterFrame));
    one.Set("frames", number(env, gap.frames));
    one.Set("stage", name(gap.stage));
    one.Set("sensorNs", numberOrNull(env, gap.sensorNs));
    gaps.Set(i, one);
  }
  result.Set("gaps", gaps);
  Napi::Object intervals = Napi::Object::New(env);
  intervals.Set("medianUs", static_cast<double>(survey.medianUs));
  intervals.Set("p99Us", static_cast<double>(survey.p99Us));
  intervals.Set("maxUs", static_cast<double>(survey.maxUs));
  result.Set("intervals", intervals);
  setTimes(env, result, survey);
  return result;
}

Napi::Value toJs(Napi::Env env, const FileHash& hash) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("bytes", number(env, hash.bytes));
  result.Set("sha256", hash.sha256);
  return result;
}

void exportRecordingFiles(Napi::Env env, Napi::Object exports) {
  exports.Set("repairSegment", Napi::Function::New(env, repair, "repairSegment"));
  exports.Set("surveyLogs", Napi::Function::New(env, survey, "surveyLogs"));
  exports.Set("hashFile", Napi::Function::New(env, hash, "hashFile"));
  exports.Set("cancelHashes", Napi::Function::New(env, cancelHashes, "cancelHashes"));
  exports.Set("decodedPictures", Napi::Function::New(env, countPictures, "decodedPictures"));
}

}  // namespace pimon
