#include "record/frame_log.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <span>

namespace pimon {

namespace {

constexpr std::string_view kHeader =
    "frame,segment_frame,sensor_ns,wall_us,pts,key,bytes,exposure_us,gain,lost_before,lost_stage\n";

template <class Number>
void appendNumber(std::string& text, Number value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), end);
}

template <class Number>
void append(std::string& text, const std::optional<Number>& value) {
  if (value) appendNumber(text, *value);
  text += ',';
}

template <class Number>
void append(std::string& text, Number value) {
  appendNumber(text, value);
  text += ',';
}

void appendStages(std::string& text, const Losses& losses) {
  bool several = false;
  for (const Stage stage : kStages) {
    if (losses[stage] > 0 && losses[stage] < losses.total()) several = true;
  }
  bool first = true;
  for (const Stage stage : kStages) {
    if (losses[stage] == 0) continue;
    if (!first) text += '+';
    first = false;
    text += name(stage);
    if (!several) continue;
    text += ':';
    appendNumber(text, losses[stage]);
  }
}

// Takes fields off the front of a line.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  std::string_view next() {
    const size_t comma = rest_.find(',');
    const std::string_view field = rest_.substr(0, comma);
    ended_ = comma == std::string_view::npos;
    rest_ = ended_ ? std::string_view{} : rest_.substr(comma + 1);
    return field;
  }
  template <class Number>
  void number(Number& value) {
    const std::string_view field = next();
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    good_ = good_ && error == std::errc{} && end == field.data() + field.size();
  }
  template <class Number>
  void number(std::optional<Number>& value) {
    if (rest_.empty() || rest_.front() == ',') {
      next();
      value.reset();
    } else {
      number(value.emplace());
    }
  }

  bool good() const { return good_ && !ended_; }

 private:
  std::string_view rest_;
  bool good_ = true;
  bool ended_ = false;
};

std::optional<Stage> stageOf(std::string_view text) {
  for (const Stage stage : kStages) {
    if (text == name(stage)) return stage;
  }
  return std::nullopt;
}

bool parseStages(std::string_view text, uint64_t total, Losses& losses) {
  losses = {};
  while (!text.empty()) {
    const size_t plus = text.find('+');
    const std::string_view part = text.substr(0, plus);
    text = plus == std::string_view::npos ? std::string_view{} : text.substr(plus + 1);
    const size_t colon = part.find(':');
    const std::optional<Stage> stage = stageOf(part.substr(0, colon));
    if (!stage) return false;
    uint64_t frames = total;
    if (colon != std::string_view::npos) {
      const std::string_view digits = part.substr(colon + 1);
      std::from_chars(digits.data(), digits.data() + digits.size(), frames);
    }
    losses[*stage] += frames;
  }
  return losses.total() == total;
}

}  // namespace

std::string_view frameLogHeader() { return kHeader; }

void appendRow(std::string& text, const LogRow& row) {
  append(text, row.frame);
  append(text, row.segmentFrame);
  append(text, row.sensorNs);
  append(text, row.wallUs);
  append(text, row.stored.pts);
  append(text, row.key ? 1 : 0);
  append(text, row.stored.bytes);
  append(text, row.exposureUs);
  append(text, row.gain);
  append(text, row.lostBefore.total());
  appendStages(text, row.lostBefore);
  text += '\n';
}

bool parseRow(std::string_view line, LogRow& row) {
  Fields fields(line);
  int key = 0;
  uint64_t lost = 0;
  fields.number(row.frame);
  fields.number(row.segmentFrame);
  fields.number(row.sensorNs);
  fields.number(row.wallUs);
  fields.number(row.stored.pts);
  fields.number(key);
  fields.number(row.stored.bytes);
  fields.number(row.exposureUs);
  fields.number(row.gain);
  fields.number(lost);
  if (!fields.good() || (key != 0 && key != 1)) return false;
  row.key = key == 1;
  const std::string_view stages = fields.next();
  return !fields.good() && parseStages(stages, lost, row.lostBefore);
}

void FrameLogFile::create(const std::string& path) {
  file_.create(path);
  rows_ = kHeader;
  flush();
  keep();
}

void FrameLogFile::flush() {
  const auto* data = reinterpret_cast<const uint8_t*>(rows_.data());
  file_.append({data, rows_.size()});
  rows_.clear();
}

void FrameLogFile::close() {
  flush();
  file_.sync();
}

void FrameLogFile::revert() {
  rows_.clear();
  file_.truncate(kept_);
}

}  // namespace pimon
