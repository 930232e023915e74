#include <libyuv.h>
#include <turbojpeg.h>

#include "codec.h"

namespace fakepi {

namespace {

class JpegCodec : public Codec {
 public:
  explicit JpegCodec(const CodecSettings& settings)
      : width_(settings.width), height_(settings.height), handle_(tjInitCompress()) {}
  JpegCodec(const JpegCodec&) = delete;
  JpegCodec& operator=(const JpegCodec&) = delete;
  ~JpegCodec() override { tjDestroy(handle_); }

  const std::vector<uint8_t>& headers() const override { return none_; }
  void setBitrate(int) override {}

  void encode(const Picture& picture, bool, std::vector<uint8_t>& coded) override {
    Picture planar = picture;
    if (picture.interleaved) separateChroma(picture, planar);
    unsigned long size = tjBufSize(width_, height_, TJSAMP_420);
    coded.resize(size);
    unsigned char* out = coded.data();
    constexpr int quality = 80;
    tjCompressFromYUVPlanes(handle_, planar.planes.data(), width_, planar.strides.data(), height_,
                            TJSAMP_420, &out, &size, quality, TJFLAG_NOREALLOC);
    coded.resize(size);
  }

 private:
  void separateChroma(const Picture& from, Picture& to) {
    const int width = width_ / 2;
    const int height = height_ / 2;
    const size_t plane = static_cast<size_t>(width) * height;
    chroma_.resize(plane * 2);
    uint8_t* const first = chroma_.data();
    libyuv::SplitUVPlane(from.planes[1], from.strides[1], first, width, first + plane, width, width,
                         height);
    to.planes[from.crFirst ? 2 : 1] = first;
    to.planes[from.crFirst ? 1 : 2] = first + plane;
    to.strides[1] = to.strides[2] = width;
  }

  int width_;
  int height_;
  tjhandle handle_;
  std::vector<uint8_t> none_;
  std::vector<uint8_t> chroma_;
};

}  // namespace

std::unique_ptr<Codec> makeJpeg(const CodecSettings& settings) {
  return std::make_unique<JpegCodec>(settings);
}

}  // namespace fakepi
