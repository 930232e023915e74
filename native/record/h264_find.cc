#include <algorithm>

#include "encode/annexb.h"
#include "record/found_video.h"

namespace pimon {

namespace {

constexpr size_t kBlockBytes = 4 << 20;

// A slice that begins a picture has first_mb_in_slice 0: a single set bit (7.3.3).
bool beginsPicture(std::span<const uint8_t> unit) {
  const uint8_t type = unitType(unit);
  return (type == unit::kSlice || type == unit::kIdrSlice) && unit.size() > 1 && unit[1] >= 0x80;
}

// The pictures that no row tells of, in the last bytes of a file.
void findByUnits(const OutputFile& file, FoundVideo& found) {
  const uint64_t left = file.bytes() - found.end;
  const std::vector<uint8_t> data =
      readAt(file, found.end, std::min<uint64_t>(left, 16 * kBlockBytes));
  UnitReader units(data);
  size_t begin = 0;  // of the picture in work, with the units before its slice
  bool picture = false;
  bool key = false;
  while (const auto unit = units.next()) {
    const uint8_t type = unitType(*unit);
    const bool slice = type <= unit::kIdrSlice;
    if (picture && (!slice || beginsPicture(*unit))) {
      // Up to the start code, with the zero that may stand before it.
      size_t end = static_cast<size_t>(unit->data() - data.data()) - 3;
      if (end > 0 && data[end - 1] == 0) --end;
      found.frames.push_back({{}, {{}, static_cast<uint32_t>(end - begin)}, key});
      found.end += end - begin;
      begin = end;
      picture = key = false;
    }
    if (slice) picture = true;
    if (type == unit::kIdrSlice) key = true;
  }
}

}  // namespace

FoundVideo findInH264(const OutputFile& file, const std::vector<LogRow>& rows) {
  FoundVideo found;
  bool torn = false;
  for (const LogRow& row : rows) {
    const uint32_t bytes = row.stored.bytes;
    torn =
        bytes == 0 || bytes > file.bytes() - found.end || !beginsUnit(readAt(file, found.end, 4));
    if (torn) break;
    found.frames.push_back({{}, {{}, bytes}, row.key});
    found.end += bytes;
  }
  found.closed = found.end == file.bytes() && found.frames.size() == rows.size() && !rows.empty();
  if (!torn && !found.closed) findByUnits(file, found);
  found.frameCount = found.frames.size();
  found.close = [](OutputFile& video) { video.sync(); };
  return found;
}

}  // namespace pimon
