#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pimon {

struct RepairedSegment {
  std::string video;  // the files' names
  std::string log;
  bool wasClosed = false;  // the video was whole; at most its log was completed
  uint64_t firstFrame = 0;
  uint64_t frames = 0;
  uint64_t bytes = 0;  // of the video
  uint64_t logBytes = 0;
  uint64_t rowsMade = 0;  // of the log, from the video: their losses, exposure and gain are unknown
  uint64_t tailBytes = 0;  // cut off the video, and kept in `tail`
  std::string tail;        // its name, or empty
  std::optional<int64_t> firstSensorNs;
  std::optional<int64_t> firstWallUs;
  std::optional<int64_t> lastSensorNs;
  std::optional<int64_t> lastWallUs;
};

// Makes a segment that was not closed whole: the video is cut to its last decodable frame and
// becomes an ordinary file in place, the log gets as many rows. What is cut off is kept beside the
// file as `<file>.tail`. May be broken off and begun again. `firstFrame` is taken where no row of
// the log is left to tell it. Throws no-frames where there is no frame, or no beginning of a file;
// nothing is changed then. Throws recording-running while a Segment, of any process, has it open.
RepairedSegment repairSegment(const std::string& video, uint64_t firstFrame);

}  // namespace pimon
