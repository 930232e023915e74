#include "record/mp4_boxes.h"

namespace pimon {

namespace {

constexpr uint64_t kSeconds1904To1970 = 2'082'844'800;
constexpr uint32_t kTrackId = 1;
constexpr uint32_t kOne = 0x0001'0000;      // 16.16
constexpr uint16_t kUndetermined = 0x55c4;  // "und" in ISO 639-2's packing

// Nothing turned, nothing scaled.
void matrix(ByteWriter& out) {
  for (const uint32_t value : {kOne, 0U, 0U, 0U, kOne, 0U, 0U, 0U, 0x4000'0000U}) out.u32(value);
}

void emptyTables(ByteWriter& out) {
  for (const char* type : {"stts", "stsc", "stco"}) {
    const Box table(out, type, 0, 0);
    out.u32(0);
  }
  const Box stsz(out, "stsz", 0, 0);
  out.u64(0);
}

// Coded by ISO/IEC 23091-2; 1 is BT.709, 6 is SMPTE 170M.
void colour(ByteWriter& out, ColourSpace space) {
  const uint16_t code = space == ColourSpace::Rec709 ? 1 : 6;
  const Box colr(out, "colr");
  out.text("nclx");
  out.u16(code);  // primaries
  out.u16(code);  // transfer
  out.u16(code);  // matrix
  out.u8(0);      // limited range
}

}  // namespace

Mp4Track mp4Track(const StreamFormat& format, int64_t firstWallUs,
                  const std::vector<uint8_t>& avcConfiguration) {
  Mp4Track track;
  track.width = static_cast<uint16_t>(format.size.width);
  track.height = static_cast<uint16_t>(format.size.height);
  track.creation = static_cast<uint64_t>(firstWallUs / 1'000'000) + kSeconds1904To1970;
  ByteWriter out;
  {
    const Box stsd(out, "stsd", 0, 0);
    out.u32(1);  // entries
    const Box avc1(out, "avc1");
    out.zeros(6);
    out.u16(1);  // data in this file
    out.zeros(16);
    out.u16(track.width);
    out.u16(track.height);
    out.u32(72 * kOne);  // pixels an inch, as everybody writes
    out.u32(72 * kOne);
    out.u32(0);
    out.u16(1);     // frames a sample
    out.zeros(32);  // the coder's name
    out.u16(24);    // colour without alpha
    out.u16(0xffff);
    {
      const Box avcC(out, "avcC");
      out.bytes(avcConfiguration);
    }
    colour(out, format.colourSpace);
    const Box pasp(out, "pasp");
    out.u32(1);
    out.u32(1);
  }
  track.description = out.take();
  return track;
}

void writeFileType(ByteWriter& out) {
  const Box ftyp(out, "ftyp");
  out.text("isom");
  out.u32(0x200);
  for (const char* brand : {"isom", "iso6", "avc1", "mp41"}) out.text(brand);
}

void writeFragmentedMovie(ByteWriter& out, const Mp4Track& track) {
  writeMovie(out, track, 0, true, emptyTables);
}

namespace mp4 {

void movieHeader(ByteWriter& out, const Mp4Track& track, uint64_t durationUs) {
  const Box mvhd(out, "mvhd", 1, 0);
  out.u64(track.creation);
  out.u64(track.creation);
  out.u32(kMp4Timescale);
  out.u64(durationUs);
  out.u32(kOne);    // rate
  out.u16(0x0100);  // volume
  out.zeros(10);
  matrix(out);
  out.zeros(24);
  out.u32(kTrackId + 1);  // the next track's
}

void trackHeader(ByteWriter& out, const Mp4Track& track, uint64_t durationUs) {
  const Box tkhd(out, "tkhd", 1, 3);  // enabled, in the movie
  out.u64(track.creation);
  out.u64(track.creation);
  out.u32(kTrackId);
  out.u32(0);
  out.u64(durationUs);
  out.zeros(16);
  matrix(out);
  out.u32(uint32_t{track.width} << 16);
  out.u32(uint32_t{track.height} << 16);
}

void mediaHeader(ByteWriter& out, const Mp4Track& track, uint64_t durationUs) {
  const Box mdhd(out, "mdhd", 1, 0);
  out.u64(track.creation);
  out.u64(track.creation);
  out.u32(kMp4Timescale);
  out.u64(durationUs);
  out.u16(kUndetermined);
  out.u16(0);
}

void handler(ByteWriter& out) {
  const Box hdlr(out, "hdlr", 0, 0);
  out.u32(0);
  out.text("vide");
  out.zeros(12);
  out.text("VideoHandler");
  out.u8(0);
}

void videoInformation(ByteWriter& out) {
  {
    const Box vmhd(out, "vmhd", 0, 1);
    out.zeros(8);
  }
  const Box dinf(out, "dinf");
  const Box dref(out, "dref", 0, 0);
  out.u32(1);
  const Box url(out, "url ", 0, 1);  // this file
}

void fragmentDefaults(ByteWriter& out) {
  const Box mvex(out, "mvex");
  const Box trex(out, "trex", 0, 0);
  out.u32(kTrackId);
  out.u32(1);     // the description's number
  out.zeros(12);  // durations, sizes and flags stand with the samples
}

}  // namespace mp4

}  // namespace pimon
