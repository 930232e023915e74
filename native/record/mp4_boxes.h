#pragma once

#include <cstdint>
#include <vector>

#include "camera/frame_source.h"
#include "record/byte_writer.h"

namespace pimon {

// A box of ISO/IEC 14496-12 while it is being written: its size is filled in when it dies.
class Box {
 public:
  Box(ByteWriter& out, std::string_view type) : out_(out), start_(out.size()) {
    out.u32(0);
    out.text(type);
  }
  // A full box.
  Box(ByteWriter& out, std::string_view type, uint8_t version, uint32_t flags) : Box(out, type) {
    out.u32(uint32_t{version} << 24 | flags);
  }
  Box(const Box&) = delete;
  Box& operator=(const Box&) = delete;
  ~Box() { out_.setU32(start_, static_cast<uint32_t>(out_.size() - start_)); }

 private:
  ByteWriter& out_;
  size_t start_;
};

// Ticks a second, of the movie and of its one track.
inline constexpr uint32_t kMp4Timescale = 1'000'000;

// What of the video is the same for all frames.
struct Mp4Track {
  uint16_t width = 0;
  uint16_t height = 0;
  uint64_t creation = 0;             // seconds since 1904, UTC
  std::vector<uint8_t> description;  // the box stsd
};

Mp4Track mp4Track(const StreamFormat& format, int64_t firstWallUs,
                  const std::vector<uint8_t>& avcConfiguration);

// The file's first box; it also says how long a place is kept behind it (mp4_index.h).
void writeFileType(ByteWriter& out);

// The box moov at the beginning of a fragmented file: the samples are told of by the fragments.
void writeFragmentedMovie(ByteWriter& out, const Mp4Track& track);

// The box moov around what `tables` writes into its stbl, after the description.
template <class Tables>
void writeMovie(ByteWriter& out, const Mp4Track& track, uint64_t durationUs, bool fragmented,
                Tables tables);

namespace mp4 {

void movieHeader(ByteWriter& out, const Mp4Track& track, uint64_t durationUs);
void trackHeader(ByteWriter& out, const Mp4Track& track, uint64_t durationUs);
void mediaHeader(ByteWriter& out, const Mp4Track& track, uint64_t durationUs);
void handler(ByteWriter& out);
void videoInformation(ByteWriter& out);
void fragmentDefaults(ByteWriter& out);

}  // namespace mp4

template <class Tables>
void writeMovie(ByteWriter& out, const Mp4Track& track, uint64_t durationUs, bool fragmented,
                Tables tables) {
  const Box moov(out, "moov");
  mp4::movieHeader(out, track, durationUs);
  {
    const Box trak(out, "trak");
    mp4::trackHeader(out, track, durationUs);
    const Box mdia(out, "mdia");
    mp4::mediaHeader(out, track, durationUs);
    mp4::handler(out);
    const Box minf(out, "minf");
    mp4::videoInformation(out);
    const Box stbl(out, "stbl");
    out.bytes(track.description);
    tables(out);
  }
  if (fragmented) mp4::fragmentDefaults(out);
}

}  // namespace pimon
