#include <algorithm>

#include "record/avc.h"
#include "record/byte_reader.h"
#include "record/ebml.h"
#include "record/found_video.h"
#include "record/mkv_file.h"
#include "record/mkv_ids.h"

namespace pimon {

namespace {

constexpr uint64_t kMostBytes = 512 << 20;
constexpr size_t kHeadBytes = 12;  // an id of four bytes and a size of eight
// Of the last frame, where no other tells.
constexpr int64_t kUsualMs = 33;

Error unreadable(const OutputFile& file) {
  return {"no-frames", file.path() + " is no video of a recording, or its beginning is lost."};
}

// The size of the element with a four-byte id at a place in the file; none where it is another.
std::optional<uint64_t> sizeAt(const OutputFile& file, uint64_t offset, uint32_t id) {
  const std::vector<uint8_t> head = readAt(file, offset, kHeadBytes);
  ByteReader in(head);
  if (in.u32() != id || in.u8() != 1) return std::nullopt;
  const uint64_t size = in.big(7);
  if (!in.ok()) return std::nullopt;
  return size;
}

uint64_t behind(const OutputFile& file, uint64_t offset, uint32_t id) {
  const std::optional<uint64_t> size = sizeAt(file, offset, id);
  if (!size || *size > kMostBytes) throw unreadable(file);
  return offset + kHeadBytes + *size;
}

uint64_t readNumber(ByteReader& in) {
  const uint8_t size = in.u8();
  return in.big(size & 0x0f);
}

// How many frames a closed file has.
uint64_t countBlocks(const OutputFile& file, uint64_t at) {
  uint64_t frames = 0;
  while (const auto size = sizeAt(file, at, mkv::kCluster)) {
    const uint64_t end = at + kHeadBytes + *size;
    at += kHeadBytes;
    const std::vector<uint8_t> stamp = readAt(file, at, 2);
    at += 2 + (stamp.size() == 2 ? stamp[1] & 0x0f : 0);
    while (at < end) {
      const std::vector<uint8_t> head = readAt(file, at, 9);
      ByteReader in(head);
      if (in.u8() != mkv::kSimpleBlock || in.u8() != 1) return frames;
      at += 9 + in.big(7);
      ++frames;
    }
    at = end;
  }
  return frames;
}

class Collector {
 public:
  explicit Collector(const OutputFile& file) : file_(file) {}

  // Takes the cluster at `offset` as far as it is whole; returns where the next one is, or none.
  std::optional<uint64_t> take(uint64_t offset) {
    const std::optional<uint64_t> size = sizeAt(file_, offset, mkv::kCluster);
    if (!size || *size > kMostBytes) return std::nullopt;
    const std::vector<uint8_t> data = readAt(file_, offset + kHeadBytes, *size);
    ByteReader in(data);
    if (in.u8() != mkv::kTimestamp) return std::nullopt;
    const auto startMs = static_cast<int64_t>(readNumber(in));
    while (in.ok() && in.left() > 0) {
      if (!takeBlock(in, offset, startMs)) break;
      found_.end = offset + kHeadBytes + (data.size() - in.left());
    }
    const uint64_t whole = offset + kHeadBytes + *size;
    if (found_.end == whole) return whole;
    if (found_.end > offset) torn_ = offset;
    return std::nullopt;
  }

  FoundVideo finish(size_t headBytes) {
    found_.frameCount = found_.frames.size();
    MkvIndex index{.cues = std::move(cues_), .durationMs = lastMs_ + lastInterval_};
    found_.close = [index, headBytes, torn = torn_](OutputFile& file) {
      if (torn) {
        ByteWriter size;
        ebml::size8(size, file.bytes() - *torn - kHeadBytes);
        file.overwrite(*torn + 4, size.view());
      }
      closeMkv(file, index, headBytes);
    };
    return std::move(found_);
  }

 private:
  bool takeBlock(ByteReader& in, uint64_t cluster, int64_t startMs) {
    if (in.u8() != mkv::kSimpleBlock || in.u8() != 1) return false;
    const uint64_t size = in.big(7);
    if (!in.ok() || size <= 4 || in.u8() != 0x81) return false;
    const int64_t ms = startMs + in.u16();
    const bool key = in.u8() == 0x80;
    const auto picture = in.take(size - 4);
    if (!in.ok() || !isAvcSample(picture)) return false;
    if (!found_.frames.empty() && ms < lastMs_) return false;
    if (key) cues_.push_back({ms, cluster});
    if (!found_.frames.empty()) lastInterval_ = ms - lastMs_;
    lastMs_ = ms;
    found_.frames.push_back({ms * 1'000'000, {ms, static_cast<uint32_t>(picture.size())}, key});
    return true;
  }

  const OutputFile& file_;
  FoundVideo found_;
  std::vector<MkvCue> cues_;
  std::optional<uint64_t> torn_;  // a cluster that says it is longer than what is left of it
  int64_t lastMs_ = 0;
  int64_t lastInterval_ = kUsualMs;
};

}  // namespace

FoundVideo findInMkv(const OutputFile& file) {
  const uint64_t segment = behind(file, 0, mkv::kEbml);
  const std::optional<uint64_t> size = sizeAt(file, segment, mkv::kSegment);
  if (!size) throw unreadable(file);
  const uint64_t start = segment + kHeadBytes;
  const bool closed = *size != ebml::kUnknown;
  if (closed && start + *size != file.bytes()) throw unreadable(file);
  const uint64_t tracks = behind(file, start + kMkvSeekRoom, mkv::kInfo);
  const uint64_t clusters = behind(file, tracks, mkv::kTracks);
  if (clusters > file.bytes()) throw unreadable(file);
  if (closed) {
    return {.closed = true,
            .frameCount = countBlocks(file, clusters),
            .frames = {},
            .end = file.bytes(),
            .close = {}};
  }
  Collector collector(file);
  std::optional<uint64_t> at = clusters;
  while (at) at = collector.take(*at);
  return collector.finish(clusters);
}

}  // namespace pimon
