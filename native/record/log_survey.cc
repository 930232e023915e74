#include "record/log_survey.h"

#include <cerrno>
#include <fstream>

namespace pimon {

namespace {

class Surveyor {
 public:
  void take(const LogRow& row) {
    for (const Stage stage : kStages) {
      const uint64_t frames = row.lostBefore[stage];
      if (frames == 0 || survey_.gaps.size() == Recorder::kMaxGaps) continue;
      survey_.gaps.push_back({survey_.frames, frames, stage, row.sensorNs});
    }
    survey_.losses += row.lostBefore;
    // Over a power cut the sensor's clock begins anew.
    if (row.sensorNs && survey_.lastSensorNs && *row.sensorNs > *survey_.lastSensorNs) {
      intervals_.add((*row.sensorNs - *survey_.lastSensorNs) / 1000);
    }
    if (!survey_.firstSensorNs) {
      survey_.firstSensorNs = row.sensorNs;
      survey_.firstWallUs = row.wallUs;
    }
    if (row.sensorNs) {
      survey_.lastSensorNs = row.sensorNs;
      survey_.lastWallUs = row.wallUs;
    }
    ++survey_.frames;
  }

  LogSurvey finish() {
    survey_.medianUs = intervals_.quantileUs(0.5);
    survey_.p99Us = intervals_.quantileUs(0.99);
    survey_.maxUs = intervals_.maxUs();
    return survey_;
  }

 private:
  LogSurvey survey_;
  IntervalStats intervals_;
};

}  // namespace

LogSurvey surveyLogs(const std::vector<std::string>& paths) {
  Surveyor surveyor;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) throw diskError(path, errno);
    std::string line;
    std::getline(file, line);  // the columns
    LogRow row;
    while (std::getline(file, line) && !file.eof()) {
      if (parseRow(line, row)) surveyor.take(row);
    }
  }
  return surveyor.finish();
}

}  // namespace pimon
