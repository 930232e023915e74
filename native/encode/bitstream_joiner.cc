#include "encode/bitstream_joiner.h"

#include <utility>

#include "encode/annexb.h"

namespace pimon {

std::vector<BitstreamJoiner::Picture> BitstreamJoiner::add(std::span<const uint8_t> data,
                                                           int64_t timestampUs, bool full) {
  std::vector<Picture> pictures;
  const bool goesOn = open_ && (open_->timestampUs == timestampUs || !beginsUnit(data));
  if (open_ && !goesOn) finish(pictures);
  if (!open_) {
    if (!beginsUnit(data)) return pictures;  // nothing that could be decoded
    open_ = Picture{.timestampUs = timestampUs, .key = false, .data = {}};
  }
  open_->data.insert(open_->data.end(), data.begin(), data.end());
  if (!full) finish(pictures);
  return pictures;
}

std::vector<BitstreamJoiner::Picture> BitstreamJoiner::flush() {
  std::vector<Picture> pictures;
  if (open_) finish(pictures);
  return pictures;
}

void BitstreamJoiner::finish(std::vector<Picture>& pictures) {
  Picture picture = *std::exchange(open_, std::nullopt);
  const std::vector<uint8_t> headers = parameterSets(picture.data);
  if (!headers.empty()) headers_ = headers;
  const PictureKind kind = pictureKind(picture.data);
  if (kind == PictureKind::None) return;
  picture.key = kind == PictureKind::Key;
  if (picture.key && headers.empty()) {
    picture.data.insert(picture.data.begin(), headers_.begin(), headers_.end());
  }
  pictures.push_back(std::move(picture));
}

}  // namespace pimon
