#include "record/mkv_file.h"

#include <unistd.h>

#include <cerrno>

#include "record/ebml.h"
#include "record/mkv_ids.h"

namespace pimon {

namespace {

using ebml::Master;

constexpr int64_t kMillisecondNs = 1'000'000;
// DateUTC counts from 2001.
constexpr int64_t kSeconds1970To2001 = 978'307'200;
// An id, a size and a double.
constexpr size_t kDurationBytes = 2 + 1 + 8;
// The EBML header is always as long: its strings and numbers are the same.
constexpr size_t kEbmlBytes = 4 + ebml::kSizeBytes + 6 * (2 + 1 + 1) + (2 + 1 + 8);

void ebmlHeader(ByteWriter& out) {
  const Master header(out, mkv::kEbml);
  ebml::number(out, 0x4286, 1);  // version
  ebml::number(out, 0x42f7, 1);
  ebml::number(out, 0x42f2, 4);  // longest id
  ebml::number(out, 0x42f3, 8);  // longest size
  ebml::text(out, 0x4282, "matroska");
  ebml::number(out, 0x4287, 4);
  ebml::number(out, 0x4285, 2);
}

void information(ByteWriter& out, int64_t firstWallUs) {
  const Master info(out, mkv::kInfo);
  // Stays empty until it is known.
  ebml::empty(out, kDurationBytes);
  ebml::number(out, mkv::kTimestampScale, kMillisecondNs);
  ebml::id(out, mkv::kDateUtc);
  out.u8(0x88);
  out.u64(static_cast<uint64_t>((firstWallUs - kSeconds1970To2001 * 1'000'000) * 1000));
  ebml::text(out, mkv::kMuxingApp, "pi-monitor");
  ebml::text(out, mkv::kWritingApp, "pi-monitor");
}

void tracks(ByteWriter& out, const MkvTrack& track) {
  const StreamFormat& format = track.format;
  const Master list(out, mkv::kTracks);
  const Master entry(out, mkv::kTrackEntry);
  ebml::number(out, mkv::kTrackNumber, 1);
  ebml::number(out, mkv::kTrackUid, 1);
  ebml::number(out, mkv::kTrackType, 1);  // video
  ebml::number(out, mkv::kFlagLacing, 0);
  ebml::text(out, mkv::kLanguage, "und");
  ebml::text(out, mkv::kCodecId, "V_MPEG4/ISO/AVC");
  ebml::number(out, mkv::kDefaultDuration, static_cast<uint64_t>(1e9 / format.fps));
  ebml::id(out, mkv::kCodecPrivate);
  ebml::size8(out, track.avcConfiguration.size());
  out.bytes(track.avcConfiguration);
  const Master video(out, mkv::kVideo);
  ebml::number(out, mkv::kFlagInterlaced, 2);  // progressive
  ebml::number(out, mkv::kPixelWidth, static_cast<uint64_t>(format.size.width));
  ebml::number(out, mkv::kPixelHeight, static_cast<uint64_t>(format.size.height));
  const Master colour(out, mkv::kColour);
  const uint64_t code = format.colourSpace == ColourSpace::Rec709 ? 1 : 6;
  ebml::number(out, mkv::kMatrix, code);
  ebml::number(out, mkv::kRange, 1);  // limited
  ebml::number(out, mkv::kTransfer, code);
  ebml::number(out, mkv::kPrimaries, code);
}

void seekTo(ByteWriter& out, uint32_t element, uint64_t position) {
  const Master seek(out, mkv::kSeek);
  ebml::id(out, mkv::kSeekId);
  out.u8(0x84);
  out.u32(element);
  ebml::number(out, mkv::kSeekPosition, position);
}

std::vector<uint8_t> cuesElement(const MkvIndex& index, size_t segmentStart) {
  ByteWriter out;
  {
    const Master cues(out, mkv::kCues);
    for (const MkvCue& cue : index.cues) {
      const Master point(out, mkv::kCuePoint);
      ebml::number(out, mkv::kCueTime, static_cast<uint64_t>(cue.ms));
      const Master positions(out, mkv::kCueTrackPositions);
      ebml::number(out, mkv::kCueTrack, 1);
      ebml::number(out, mkv::kCueClusterPosition, cue.cluster - segmentStart);
    }
  }
  return out.take();
}

std::vector<uint8_t> readHead(const OutputFile& file, size_t bytes) {
  std::vector<uint8_t> head(bytes);
  const ssize_t n = ::pread(file.fd(), head.data(), bytes, 0);
  if (n != static_cast<ssize_t>(bytes)) throw diskError(file.path(), n < 0 ? errno : EIO);
  return head;
}

}  // namespace

std::vector<uint8_t> mkvBeginning(const MkvTrack& track) {
  ByteWriter out;
  ebmlHeader(out);
  ebml::id(out, mkv::kSegment);
  ebml::size8(out, ebml::kUnknown);
  ebml::empty(out, kMkvSeekRoom);
  information(out, track.firstWallUs);
  tracks(out, track);
  return out.take();
}

std::vector<uint8_t> mkvCluster(std::span<const MkvBlock> blocks, std::span<const uint8_t> data) {
  ByteWriter out;
  const int64_t startMs = blocks.front().ms;
  {
    const Master cluster(out, mkv::kCluster);
    ebml::number(out, mkv::kTimestamp, static_cast<uint64_t>(startMs));
    for (const MkvBlock& block : blocks) {
      ebml::id(out, mkv::kSimpleBlock);
      ebml::size8(out, 4 + block.bytes);
      out.u8(0x81);  // track 1
      out.u16(static_cast<uint16_t>(block.ms - startMs));
      out.u8(block.key ? 0x80 : 0);
      out.bytes(data.first(block.bytes));
      data = data.subspan(block.bytes);
    }
  }
  return out.take();
}

void closeMkv(OutputFile& file, const MkvIndex& index, size_t headBytes) {
  const std::vector<uint8_t> before = readHead(file, headBytes);
  const size_t segmentStart = kEbmlBytes + 4 + ebml::kSizeBytes;
  const uint64_t cuesAt = file.bytes();
  file.append(cuesElement(index, segmentStart));
  file.sync();

  const size_t infoAt = segmentStart + kMkvSeekRoom;
  const size_t infoData = infoAt + 4 + ebml::kSizeBytes;
  // Info's size, the low half of eight bytes, leads to Tracks behind it.
  uint64_t infoSize = 0;
  for (size_t i = 1; i < 8; ++i) infoSize = infoSize << 8 | before[infoAt + 4 + i];

  ByteWriter head;
  head.bytes(std::span(before).first(kEbmlBytes + 4));
  ebml::size8(head, file.bytes() - segmentStart);
  {
    const Master seekHead(head, mkv::kSeekHead);
    seekTo(head, mkv::kInfo, infoAt - segmentStart);
    seekTo(head, mkv::kTracks, infoData + infoSize - segmentStart);
    seekTo(head, mkv::kCues, cuesAt - segmentStart);
  }
  ebml::empty(head, infoAt - head.size());
  head.bytes(std::span(before).subspan(infoAt, infoData - infoAt));
  ebml::real(head, mkv::kDuration, static_cast<double>(index.durationMs));
  file.overwrite(0, head.view());
  file.sync();
}

}  // namespace pimon
