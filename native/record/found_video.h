#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "record/frame_log.h"
#include "record/output_file.h"

namespace pimon {

// A whole frame in a video that was not closed.
struct FoundFrame {
  std::optional<int64_t> ptsNs;  // from the first frame on
  Stored stored;
  bool key = false;
};

// What is in a segment's video.
struct FoundVideo {
  bool closed = false;  // an ordinary file already; nothing but `frameCount` is told
  uint64_t frameCount = 0;
  std::vector<FoundFrame> frames;
  uint64_t end = 0;  // of the last of them, in the file
  // Makes the file, which ends there by then, an ordinary one in place.
  std::function<void(OutputFile& file)> close;
};

// Each looks at a file of its kind and changes nothing. They trust no byte of it: what makes no
// sense ends what is found, and where nothing is found at all they throw no-frames. All frames of
// whole fragments are found, and of a torn one those that are whole.
FoundVideo findInMp4(const OutputFile& file);
FoundVideo findInMkv(const OutputFile& file);
// Annex B has no sizes: they are taken from the log's rows. After them only units are found that
// another one follows.
FoundVideo findInH264(const OutputFile& file, const std::vector<LogRow>& rows);

// So many bytes, or less at the file's end. Throws as OutputFile does.
std::vector<uint8_t> readAt(const OutputFile& file, uint64_t offset, size_t bytes);

// Only what was written shortly before the end can be torn, by a power cut: frames in these last
// bytes are looked at one by one.
inline constexpr uint64_t kDoubtfulBytes = 16 << 20;

}  // namespace pimon
