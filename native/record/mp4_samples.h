#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pimon {

// Where the frames of an MP4 are, when and which of them are keys: 12 bytes a frame, 16 a fragment.
class Mp4Samples {
 public:
  // The frames added from here on stand one behind the other from `offset` on.
  void beginChunk(uint64_t offset) { chunks_.push_back({offset, sizes_.size()}); }
  void add(uint32_t bytes, int64_t ptsUs, bool key) {
    if (key) keys_.push_back(static_cast<uint32_t>(sizes_.size()));
    sizes_.push_back(bytes);
    ptsUs_.push_back(ptsUs);
  }
  // Of the last frame, whose end no frame tells.
  void setLastDuration(int64_t us) { lastDurationUs_ = us; }

  struct Chunk {
    uint64_t offset;
    size_t first;  // sample
  };
  size_t size() const { return sizes_.size(); }
  const std::vector<Chunk>& chunks() const { return chunks_; }
  const std::vector<uint32_t>& sizes() const { return sizes_; }
  const std::vector<uint32_t>& keys() const { return keys_; }  // sample numbers from 0
  int64_t ptsUs(size_t i) const { return ptsUs_[i]; }
  uint32_t durationUs(size_t i) const {
    return static_cast<uint32_t>(i + 1 < size() ? ptsUs_[i + 1] - ptsUs_[i] : lastDurationUs_);
  }
  uint64_t totalUs() const {
    return size() == 0 ? 0 : static_cast<uint64_t>(ptsUs_.back() - ptsUs_[0] + lastDurationUs_);
  }

 private:
  std::vector<uint32_t> sizes_;
  std::vector<int64_t> ptsUs_;
  std::vector<uint32_t> keys_;
  std::vector<Chunk> chunks_;
  int64_t lastDurationUs_ = 0;
};

}  // namespace pimon
