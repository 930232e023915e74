#pragma once

#include <memory>
#include <string>
#include <vector>

#include "camera/frame_source.h"

namespace pimon {

// A camera in one of its formats.
struct SourceCase {
  std::string name;
  std::string id;
  SourceConfig config;
  bool isSynthetic = false;

  std::unique_ptr<FrameSource> open() const;
};

// Everything that the contract of a source is tested over. Of libcamera's cameras only virtual
// ones: a real one may be at work.
std::vector<SourceCase> sourceCases();

// The libcamera whose virtual cameras are among them, and these, or why there are none.
std::string testedLibcamera();

}  // namespace pimon
