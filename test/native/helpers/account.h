#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "record/recorder.h"

namespace pimon {

inline Losses lost(Stage stage, uint64_t frames) {
  Losses losses;
  losses[stage] = frames;
  return losses;
}

// Checks a summary against the sequence numbers of the frames that are in the file: every frame
// written is there, and every one that is missing between two was accounted for at its place.
inline void checkSummary(const RecordingSummary& summary, const std::vector<uint64_t>& sequences) {
  REQUIRE(summary.written == sequences.size());
  CHECK(summary.captured() ==
        summary.written + summary.losses[Stage::Encoder] + summary.losses[Stage::Writer]);
  if (sequences.empty()) return;
  CHECK(summary.first->sequence == sequences.front());
  CHECK(summary.last->sequence == sequences.back());

  std::vector<uint64_t> missingBefore(sequences.size() + 1);
  Losses inGaps;
  for (const Gap& gap : summary.gaps) {
    REQUIRE(gap.afterFrame < missingBefore.size());
    missingBefore[gap.afterFrame] += gap.frames;
    inGaps[gap.stage] += gap.frames;
  }
  CHECK(inGaps.frames == summary.losses.frames);
  for (size_t i = 1; i < sequences.size(); ++i) {
    CHECK(sequences[i] - sequences[i - 1] - 1 == missingBefore[i]);
  }
}

}  // namespace pimon
