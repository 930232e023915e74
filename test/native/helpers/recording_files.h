#pragma once

#include <string>
#include <vector>

#include "helpers/video_file.h"
#include "record/frame_log.h"

namespace pimon {

// The whole rows of a frame log; a line that is none fails the test.
std::vector<LogRow> readLog(const std::string& path);

}  // namespace pimon
