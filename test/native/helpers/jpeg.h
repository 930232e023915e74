#pragma once

#include <turbojpeg.h>

#include <optional>
#include <span>
#include <vector>

#include "camera/stamp.h"

namespace pimon {

// A decoded JPEG's size and stamp.
struct JpegPicture {
  int width = 0;
  int height = 0;
  std::optional<Stamp> stamp;
};

// Of width 0 where it is no JPEG.
inline JpegPicture readJpeg(std::span<const uint8_t> jpeg) {
  JpegPicture picture;
  const tjhandle decoder = tjInitDecompress();
  int subsampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(decoder, jpeg.data(), jpeg.size(), &picture.width, &picture.height,
                          &subsampling, &colours) == 0) {
    std::vector<uint8_t> grey(static_cast<size_t>(picture.width) * picture.height);
    if (tjDecompress2(decoder, jpeg.data(), jpeg.size(), grey.data(), picture.width, 0,
                      picture.height, TJPF_GRAY, 0) == 0 &&
        picture.width >= 160) {
      picture.stamp = readStamp({grey.data(), picture.width}, picture.width);
    }
  }
  tjDestroy(decoder);
  return picture;
}

}  // namespace pimon
