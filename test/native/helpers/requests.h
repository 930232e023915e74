#pragma once

#include <filesystem>
#include <string>

#include "record/recorder.h"

namespace pimon {

// A recording of one segment, whose video is `path`.
inline RecordingRequest requestFor(const std::filesystem::path& path, int64_t maxDurationNs = 0) {
  return {.folder = path.parent_path(),
          .name = path.stem(),
          .container = containerKind(path.extension().string().substr(1)).value(),
          .numbered = false,
          .maxDurationNs = maxDurationNs};
}

}  // namespace pimon
