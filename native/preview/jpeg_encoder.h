#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "preview/small_picture.h"

namespace pimon {

// libjpeg-turbo, straight from planes. One thread.
class JpegEncoder {
 public:
  JpegEncoder();

  // `quality` 1 … 100. The result lives until the next call.
  std::span<const uint8_t> encode(const SmallPicture& picture, int quality);

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Close> handle_;
  std::vector<uint8_t> buffer_;
};

}  // namespace pimon
