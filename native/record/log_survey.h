#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/recorder.h"

namespace pimon {

// What the frame logs of a recording say together: what a certificate needs of one whose process
// died. Losses after the last row are in no log.
struct LogSurvey {
  uint64_t frames = 0;
  Losses losses;
  std::vector<Gap> gaps;  // at most Recorder::kMaxGaps
  int64_t medianUs = 0;
  int64_t p99Us = 0;
  int64_t maxUs = 0;
  std::optional<int64_t> firstSensorNs;
  std::optional<int64_t> firstWallUs;
  std::optional<int64_t> lastSensorNs;
  std::optional<int64_t> lastWallUs;
};

// In the order of the segments. Lines that are no rows are passed over; throws disk-error where a
// log cannot be read.
LogSurvey surveyLogs(const std::vector<std::string>& paths);

}  // namespace pimon
