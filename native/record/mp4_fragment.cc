#include "record/mp4_fragment.h"

#include "record/byte_reader.h"
#include "record/mp4_boxes.h"

namespace pimon {

namespace {

constexpr uint32_t kBaseIsMoof = 0x02'0000;
// Offset of the data; for each sample duration, size and flags.
constexpr uint32_t kRunFlags = 0x1 | 0x100 | 0x200 | 0x400;
constexpr uint32_t kKeyFlags = 0x0200'0000;    // depends on no other
constexpr uint32_t kOtherFlags = 0x0101'0000;  // depends on others, no sync sample

constexpr uint64_t kMdatHeader = 8;
constexpr uint64_t kMoofBytes = 8 + 16 + 8 + 16 + 20 + 20;  // without samples
constexpr uint64_t kSampleBytes = 12;

// Frames are never so far apart that a run does not hold it: 71 minutes.
uint32_t distance(int64_t fromUs, int64_t toUs) { return static_cast<uint32_t>(toUs - fromUs); }

}  // namespace

uint64_t mp4FragmentHeadBytes(size_t frames) {
  return kMoofBytes + frames * kSampleBytes + kMdatHeader;
}

std::vector<uint8_t> mp4Fragment(uint32_t number, std::span<const FragmentFrame> frames,
                                 int64_t endUs, std::span<const uint8_t> data) {
  ByteWriter out;
  {
    const Box moof(out, "moof");
    {
      const Box mfhd(out, "mfhd", 0, 0);
      out.u32(number);
    }
    const Box traf(out, "traf");
    {
      const Box tfhd(out, "tfhd", 0, kBaseIsMoof);
      out.u32(1);  // track
    }
    {
      const Box tfdt(out, "tfdt", 1, 0);
      out.u64(static_cast<uint64_t>(frames.front().ptsUs));
    }
    const Box trun(out, "trun", 0, kRunFlags);
    out.u32(static_cast<uint32_t>(frames.size()));
    out.u32(static_cast<uint32_t>(mp4FragmentHeadBytes(frames.size())));
    for (size_t i = 0; i < frames.size(); ++i) {
      out.u32(distance(frames[i].ptsUs, i + 1 < frames.size() ? frames[i + 1].ptsUs : endUs));
      out.u32(frames[i].bytes);
      out.u32(frames[i].key ? kKeyFlags : kOtherFlags);
    }
  }
  {
    const Box mdat(out, "mdat");
    out.bytes(data);
  }
  return out.take();
}

bool readMp4Fragment(std::span<const uint8_t> box, std::vector<FragmentFrame>& frames,
                     uint32_t& durationUs) {
  frames.clear();
  ByteReader in(box);
  in.take(4);
  if (!in.isNext("moof")) return false;
  in.take(16 + 8 + 16);  // mfhd, the head of traf, tfhd
  in.take(4);
  if (!in.isNext("tfdt") || in.u32() != 1U << 24) return false;
  uint64_t ptsUs = in.u64();
  in.take(4);
  if (!in.isNext("trun") || in.u32() != kRunFlags) return false;
  const uint32_t count = in.u32();
  const uint32_t dataOffset = in.u32();
  if (!in.ok() || count == 0 || in.left() != count * kSampleBytes) return false;
  if (dataOffset != mp4FragmentHeadBytes(count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    durationUs = in.u32();
    const uint32_t bytes = in.u32();
    frames.push_back({bytes, static_cast<int64_t>(ptsUs), in.u32() == kKeyFlags});
    ptsUs += durationUs;
  }
  return true;
}

}  // namespace pimon
