#include <algorithm>
#include <memory>

#include "record/avc.h"
#include "record/byte_reader.h"
#include "record/found_video.h"
#include "record/mp4_fragment.h"
#include "record/mp4_index.h"

namespace pimon {

namespace {

// No fragment, nor the box before them, is larger.
constexpr uint64_t kMostBytes = 512 << 20;

struct Header {
  uint64_t bytes = 0;  // of the box; 0 where there is none
  std::string_view type;
};

Header header(std::span<const uint8_t> data) {
  ByteReader in(data);
  uint64_t bytes = in.u32();
  const auto type = in.take(4);
  if (bytes == 1) bytes = in.u64();
  if (!in.ok() || bytes < 8) return {};
  return {bytes, {reinterpret_cast<const char*>(type.data()), type.size()}};
}

// The first box of that type among those in `data`, whole.
std::span<const uint8_t> find(std::span<const uint8_t> data, std::string_view type) {
  while (!data.empty()) {
    const Header box = header(data);
    if (box.bytes == 0 || box.bytes > data.size()) return {};
    const auto whole = data.first(box.bytes);
    if (box.type == type) return whole;
    data = data.subspan(box.bytes);
  }
  return {};
}

// The same, down a path from the contents of a box.
std::span<const uint8_t> find(std::span<const uint8_t> box,
                              std::initializer_list<std::string_view> path) {
  for (const std::string_view type : path) {
    if (box.size() < 8) return {};
    box = find(box.subspan(8), type);
  }
  return box;
}

Error unreadable(const OutputFile& file) {
  return {"no-frames", file.path() + " is no video of a recording, or its beginning is lost."};
}

Mp4Track trackOf(const OutputFile& file, std::span<const uint8_t> moov) {
  Mp4Track track;
  const auto description = find(moov, {"trak", "mdia", "minf", "stbl", "stsd"});
  const auto trackHeader = find(moov, {"trak", "tkhd"});
  const auto movieHeader = find(moov, {"mvhd"});
  if (description.empty() || trackHeader.size() < 8 || movieHeader.size() < 20) {
    throw unreadable(file);
  }
  track.description.assign(description.begin(), description.end());
  ByteReader size(trackHeader.last(8));
  track.width = static_cast<uint16_t>(size.u32() >> 16);
  track.height = static_cast<uint16_t>(size.u32() >> 16);
  ByteReader times(movieHeader.subspan(12));
  track.creation = times.u64();
  return track;
}

// A box at a place in the file, of at most kMostBytes; nothing where it is torn or of another type.
std::vector<uint8_t> wholeBox(const OutputFile& file, uint64_t offset, std::string_view type) {
  const Header box = header(readAt(file, offset, 16));
  if (box.bytes == 0 || box.bytes > kMostBytes || box.bytes > file.bytes() - offset) return {};
  std::vector<uint8_t> data = readAt(file, offset, box.bytes);
  return header(data).type == type ? data : std::vector<uint8_t>{};
}

// The frames of a closed file, or none where it is not closed.
std::optional<uint64_t> indexedFrames(const OutputFile& file) {
  const auto place = readAt(file, kMp4Placeholder, 16);
  const Header box = header(place);
  if (box.bytes == 0 || box.type != "mdat") return std::nullopt;
  const auto moov = wholeBox(file, kMp4Placeholder + box.bytes, "moov");
  const auto sizes = find(moov, {"trak", "mdia", "minf", "stbl", "stsz"});
  if (sizes.size() < 20) throw unreadable(file);
  ByteReader in(sizes.subspan(16));
  return in.u32();
}

// Collects the frames, fragment by fragment.
class Collector {
 public:
  explicit Collector(const OutputFile& file) : file_(file) {}

  // Takes the fragment at `offset` as far as it is whole; returns where the next one is, or none.
  std::optional<uint64_t> take(uint64_t offset) {
    const std::vector<uint8_t> moof = wholeBox(file_, offset, "moof");
    uint32_t lastDuration = 0;
    if (!readMp4Fragment(moof, frames_, lastDuration)) return std::nullopt;
    uint64_t at = offset + mp4FragmentHeadBytes(frames_.size());
    if (at > file_.bytes()) return std::nullopt;
    uint64_t bytes = 0;
    for (const FragmentFrame& frame : frames_) bytes += frame.bytes;
    if (bytes > kMostBytes) return std::nullopt;
    const bool doubtful = at + bytes + kDoubtfulBytes > file_.bytes();
    const std::vector<uint8_t> data = doubtful ? readAt(file_, at, bytes) : std::vector<uint8_t>{};
    std::span<const uint8_t> rest = data;
    bool begun = false;
    for (const FragmentFrame& frame : frames_) {
      if (doubtful) {
        if (frame.bytes > rest.size() || !isAvcSample(rest.first(frame.bytes))) return std::nullopt;
        rest = rest.subspan(frame.bytes);
      }
      // Times that go back are no times.
      if (samples_.size() > 0 && frame.ptsUs <= samples_.ptsUs(samples_.size() - 1)) {
        return std::nullopt;
      }
      if (!std::exchange(begun, true)) samples_.beginChunk(at);
      samples_.add(frame.bytes, frame.ptsUs, frame.key);
      samples_.setLastDuration(lastDuration);
      found_.frames.push_back({frame.ptsUs * 1000, {frame.ptsUs, frame.bytes}, frame.key});
      at += frame.bytes;
      found_.end = at;
    }
    return at;
  }

  FoundVideo finish(const Mp4Track& track) {
    found_.frameCount = found_.frames.size();
    found_.close = [track, samples = std::move(samples_)](OutputFile& file) {
      closeMp4(file, track, samples);
    };
    return std::move(found_);
  }

 private:
  const OutputFile& file_;
  std::vector<FragmentFrame> frames_;
  Mp4Samples samples_;
  FoundVideo found_;
};

}  // namespace

FoundVideo findInMp4(const OutputFile& file) {
  if (wholeBox(file, 0, "ftyp").size() != kMp4Placeholder) throw unreadable(file);
  if (const std::optional<uint64_t> frames = indexedFrames(file)) {
    return {.closed = true, .frameCount = *frames, .frames = {}, .end = file.bytes(), .close = {}};
  }
  const uint64_t begin = kMp4Placeholder + kMp4PlaceholderBytes;
  const std::vector<uint8_t> moov = wholeBox(file, begin, "moov");
  if (moov.empty()) throw unreadable(file);
  const Mp4Track track = trackOf(file, moov);
  Collector collector(file);
  std::optional<uint64_t> at = begin + moov.size();
  while (at) at = collector.take(*at);
  return collector.finish(track);
}

}  // namespace pimon
