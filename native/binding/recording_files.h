#pragma once

#include <napi.h>

#include "record/file_hasher.h"
#include "record/log_survey.h"
#include "record/repair.h"

namespace pimon {

Napi::Value toJs(Napi::Env env, const RepairedSegment& repaired);
Napi::Value toJs(Napi::Env env, const LogSurvey& survey);
Napi::Value toJs(Napi::Env env, const FileHash& hash);

// repairSegment, surveyLogs, hashFile and its like of src/native.ts: work on files of recordings
// that have ended, beside the event loop.
void exportRecordingFiles(Napi::Env env, Napi::Object exports);

}  // namespace pimon
