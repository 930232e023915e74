#include "record/repair.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "record/container.h"
#include "record/found_video.h"

namespace pimon {

namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockBytes = 1 << 20;

// The rows of a log that make sense, one after the other from the first.
struct ReadLog {
  bool exists = false;
  bool whole = false;  // nothing but them is in it
  std::vector<LogRow> rows;
  std::vector<uint64_t> ends;  // of each row, in the file
};

ReadLog readLog(const fs::path& path) {
  ReadLog log;
  std::ifstream file(path, std::ios::binary);
  log.exists = file.is_open();
  const std::string header(frameLogHeader());
  std::string line;
  if (!std::getline(file, line) || line + "\n" != header) return log;
  uint64_t at = header.size();
  // A last line without its end is not whole.
  while (std::getline(file, line) && !file.eof()) {
    LogRow row;
    if (!parseRow(line, row) || row.segmentFrame != log.rows.size()) break;
    at += line.size() + 1;
    log.rows.push_back(row);
    log.ends.push_back(at);
  }
  log.whole = fs::file_size(path) == at;
  return log;
}

// Moves what is behind `end` to a file of its own; returns its name.
std::string cut(OutputFile& file, uint64_t end) {
  const std::string base = file.path() + ".tail";
  OutputFile tail;
  for (int n = 1;; ++n) {
    const std::string path = n == 1 ? base : base + std::to_string(n);
    try {
      tail.create(path);
      break;
    } catch (const Error& error) {
      if (error.code() != "name-invalid") throw;
    }
  }
  for (uint64_t at = end; at < file.bytes();) {
    const std::vector<uint8_t> block = readAt(file, at, kBlockBytes);
    if (block.empty()) break;
    tail.append(block);
    at += block.size();
  }
  tail.sync();
  file.truncate(end);
  return fs::path(tail.path()).filename();
}

// A row for a frame whose own is lost, by the frame before it in the log.
LogRow rowFrom(const FoundFrame& frame, uint64_t i, uint64_t firstFrame,
               const std::vector<LogRow>& rows, const std::optional<int64_t>& lastPtsNs) {
  LogRow row{.frame = firstFrame + i, .segmentFrame = i, .stored = frame.stored, .key = frame.key};
  if (rows.empty() || !frame.ptsNs || !lastPtsNs || !rows.back().sensorNs) return row;
  const int64_t sinceNs = *frame.ptsNs - *lastPtsNs;
  row.sensorNs = *rows.back().sensorNs + sinceNs;
  if (rows.back().wallUs) row.wallUs = *rows.back().wallUs + sinceNs / 1000;
  return row;
}

// Brings the log to one row for each frame; `rows` are those that it has.
void completeLog(const fs::path& path, const ReadLog& log, const std::vector<FoundFrame>& frames,
                 RepairedSegment& result, std::vector<LogRow>& rows) {
  size_t kept = 0;
  while (kept < std::min(frames.size(), log.rows.size()) &&
         log.rows[kept].stored.bytes == frames[kept].stored.bytes) {
    ++kept;
  }
  rows.assign(log.rows.begin(), log.rows.begin() + static_cast<ptrdiff_t>(kept));
  const std::string header(frameLogHeader());
  const uint64_t end = kept == 0 ? 0 : log.ends[kept - 1];
  OutputFile file;
  if (log.exists) {
    file.open(path);
    if (file.bytes() > end && !(kept == 0 && file.bytes() == header.size())) cut(file, end);
  } else {
    file.create(path);
  }
  std::string text;
  if (file.bytes() == 0) text = header;
  const uint64_t firstFrame = rows.empty() ? result.firstFrame : rows[0].frame;
  std::optional<int64_t> lastPtsNs;
  if (kept > 0) lastPtsNs = frames[kept - 1].ptsNs;
  const std::vector<LogRow> known = rows;
  for (size_t i = kept; i < frames.size(); ++i) {
    rows.push_back(rowFrom(frames[i], i, firstFrame, known, lastPtsNs));
    appendRow(text, rows.back());
  }
  file.append({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  file.sync();
  result.rowsMade = frames.size() - kept;
}

void describe(const std::vector<LogRow>& rows, RepairedSegment& result) {
  if (rows.empty()) return;
  result.firstFrame = rows.front().frame;
  result.firstSensorNs = rows.front().sensorNs;
  result.firstWallUs = rows.front().wallUs;
  result.lastSensorNs = rows.back().sensorNs;
  result.lastWallUs = rows.back().wallUs;
}

FoundVideo find(ContainerKind kind, const OutputFile& file, const std::vector<LogRow>& rows) {
  switch (kind) {
    case ContainerKind::Mkv:
      return findInMkv(file);
    case ContainerKind::H264:
      return findInH264(file, rows);
    case ContainerKind::Mp4:
      break;
  }
  return findInMp4(file);
}

}  // namespace

std::vector<uint8_t> readAt(const OutputFile& file, uint64_t offset, size_t bytes) {
  if (offset >= file.bytes()) return {};
  std::vector<uint8_t> data(std::min<uint64_t>(bytes, file.bytes() - offset));
  size_t done = 0;
  while (done < data.size()) {
    const ssize_t n = ::pread(file.fd(), data.data() + done, data.size() - done,
                              static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw diskError(file.path(), errno);
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  data.resize(done);
  return data;
}

RepairedSegment repairSegment(const std::string& video, uint64_t firstFrame) {
  const fs::path path(video);
  const std::string ending = path.extension().string();
  const auto kind = containerKind(ending.empty() ? ending : ending.substr(1));
  if (!kind) throw Error("invalid-value", video + " is no video of a recording.", "path");
  fs::path logPath = path;
  logPath.replace_extension(".frames.csv");
  OutputFile file;
  file.open(video);
  const ReadLog log = readLog(logPath);
  const FoundVideo found = find(*kind, file, log.rows);
  // Annex B shows nothing of its end: there the log does.
  const bool closed = found.closed && (kind != ContainerKind::H264 || log.whole);
  if (found.frameCount == 0) throw Error("no-frames", video + " has no whole frame.");

  RepairedSegment result{.video = path.filename(), .log = logPath.filename()};
  result.wasClosed = closed;
  result.firstFrame = firstFrame;
  std::vector<LogRow> rows = log.rows;
  if (!closed) {
    if (file.bytes() > found.end) {
      result.tailBytes = file.bytes() - found.end;
      result.tail = cut(file, found.end);
    }
    completeLog(logPath, log, found.frames, result, rows);
    found.close(file);
    const UniqueFd folder = openFolder(path.parent_path().empty() ? "." : path.parent_path());
    ::fsync(folder.get());
  }
  result.frames = found.frameCount;
  result.bytes = file.bytes();
  result.logBytes = fs::exists(logPath) ? fs::file_size(logPath) : 0;
  describe(rows, result);
  return result;
}

}  // namespace pimon
