#include "preview/jpeg_encoder.h"

#include <turbojpeg.h>

#include <array>
#include <new>
#include <string>

#include "support/error.h"

namespace pimon {

void JpegEncoder::Close::operator()(void* handle) const { tjDestroy(handle); }

JpegEncoder::JpegEncoder() : handle_(tjInitCompress()) {
  if (!handle_) throw std::bad_alloc();
}

std::span<const uint8_t> JpegEncoder::encode(const SmallPicture& picture, int quality) {
  buffer_.resize(tjBufSize(picture.width, picture.height, TJSAMP_420));
  std::array<const unsigned char*, 3> planes{picture.y.data(), picture.u.data(), picture.v.data()};
  const std::array<int, 3> strides{picture.width, picture.width / 2, picture.width / 2};
  unsigned char* out = buffer_.data();
  unsigned long size = buffer_.size();
  const int result =
      tjCompressFromYUVPlanes(handle_.get(), planes.data(), picture.width, strides.data(),
                              picture.height, TJSAMP_420, &out, &size, quality, TJFLAG_NOREALLOC);
  if (result != 0) {
    throw Error("internal", std::string("TurboJPEG: ") + tjGetErrorStr2(handle_.get()));
  }
  return {buffer_.data(), size};
}

}  // namespace pimon
