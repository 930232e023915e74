#include "record/mp4_index.h"

namespace pimon {

namespace {

// Pairs of a count and a value, for equal values in a row.
template <class Value>
void runs(ByteWriter& out, size_t count, Value value) {
  const size_t entries = out.size();
  out.u32(0);
  uint32_t written = 0;
  for (size_t i = 0; i < count;) {
    size_t end = i + 1;
    while (end < count && value(end) == value(i)) ++end;
    out.u32(static_cast<uint32_t>(end - i));
    out.u32(value(i));
    ++written;
    i = end;
  }
  out.setU32(entries, written);
}

void samplesToChunks(ByteWriter& out, const Mp4Samples& samples) {
  const Box stsc(out, "stsc", 0, 0);
  const auto& chunks = samples.chunks();
  const size_t entries = out.size();
  out.u32(0);
  uint32_t written = 0;
  size_t before = 0;
  for (size_t i = 0; i < chunks.size(); ++i) {
    const size_t end = i + 1 < chunks.size() ? chunks[i + 1].first : samples.size();
    const size_t count = end - chunks[i].first;
    if (count == before) continue;
    out.u32(static_cast<uint32_t>(i + 1));
    out.u32(static_cast<uint32_t>(count));
    out.u32(1);  // the description's number
    ++written;
    before = count;
  }
  out.setU32(entries, written);
}

void tables(ByteWriter& out, const Mp4Samples& samples) {
  {
    const Box stts(out, "stts", 0, 0);
    runs(out, samples.size(), [&](size_t i) { return samples.durationUs(i); });
  }
  {
    const Box stss(out, "stss", 0, 0);
    out.u32(static_cast<uint32_t>(samples.keys().size()));
    for (const uint32_t key : samples.keys()) out.u32(key + 1);
  }
  samplesToChunks(out, samples);
  {
    const Box stsz(out, "stsz", 0, 0);
    out.u32(0);  // sizes differ
    out.u32(static_cast<uint32_t>(samples.size()));
    for (const uint32_t size : samples.sizes()) out.u32(size);
  }
  const Box co64(out, "co64", 0, 0);
  out.u32(static_cast<uint32_t>(samples.chunks().size()));
  for (const Mp4Samples::Chunk& chunk : samples.chunks()) out.u64(chunk.offset);
}

}  // namespace

std::vector<uint8_t> mp4Beginning(const Mp4Track& track) {
  ByteWriter out;
  writeFileType(out);
  {
    const Box free(out, "free");
    out.zeros(kMp4PlaceholderBytes - 8);
  }
  writeFragmentedMovie(out, track);
  return out.take();
}

void closeMp4(OutputFile& file, const Mp4Track& track, const Mp4Samples& samples) {
  const uint64_t end = file.bytes();
  ByteWriter index;
  writeMovie(index, track, samples.totalUs(), false,
             [&](ByteWriter& out) { tables(out, samples); });
  file.append(index.view());
  file.sync();
  ByteWriter header;
  header.u32(1);  // the size follows the type
  header.text("mdat");
  header.u64(end - kMp4Placeholder);
  file.overwrite(kMp4Placeholder, header.view());
  file.sync();
}

}  // namespace pimon
