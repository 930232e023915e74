#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "codec.h"
#include "firmware_limits.h"

// x264.h wants <cstdint> before it.
#include <x264.h>

namespace fakepi {

namespace {

// As the firmware: one reference, no B-frames, no lookahead, an IDR where it is asked for and
// nowhere else, frame timing but no colour in the SPS.
x264_param_t parametersOf(const CodecSettings& settings) {
  x264_param_t p;
  x264_param_default_preset(&p, "ultrafast", "zerolatency");
  p.i_log_level = X264_LOG_NONE;
  p.i_threads = 1;
  p.i_width = settings.width;
  p.i_height = settings.height;
  p.i_fps_num = settings.timePerFrame.denominator;
  p.i_fps_den = settings.timePerFrame.numerator;
  p.b_vfr_input = 0;
  p.b_annexb = 1;
  p.b_repeat_headers = 0;
  p.i_keyint_max = X264_KEYINT_MAX_INFINITE;
  p.i_scenecut_threshold = 0;
  p.i_level_idc = levelIdc(settings.level);
  p.rc.i_rc_method = X264_RC_ABR;
  p.rc.i_qp_min = settings.leastQp;
  p.rc.i_qp_max = std::max(settings.leastQp, settings.mostQp);
  const char* profile = "baseline";
  if (settings.profile == V4L2_MPEG_VIDEO_H264_PROFILE_MAIN) {
    p.b_cabac = 1;
    profile = "main";
  } else if (settings.profile == V4L2_MPEG_VIDEO_H264_PROFILE_HIGH) {
    p.b_cabac = 1;
    p.analyse.b_transform_8x8 = 1;
    profile = "high";
  }
  x264_param_apply_profile(&p, profile);
  return p;
}

void setRate(x264_param_t& p, int bitsPerSecond, bool constant) {
  p.rc.i_bitrate = std::max(1, bitsPerSecond / 1000);
  p.rc.i_vbv_max_bitrate = constant ? p.rc.i_bitrate : p.rc.i_bitrate * 3 / 2;
  p.rc.i_vbv_buffer_size = p.rc.i_bitrate;
}

class H264Codec : public Codec {
 public:
  explicit H264Codec(const CodecSettings& settings)
      : parameters_(parametersOf(settings)), constantRate_(settings.constantRate) {
    setRate(parameters_, settings.bitrate, constantRate_);
    encoder_ = x264_encoder_open(&parameters_);
    if (encoder_ == nullptr) {
      std::fputs("fakepi: libx264 refuses these settings\n", stderr);
      std::abort();
    }
    x264_nal_t* nals = nullptr;
    int count = 0;
    x264_encoder_headers(encoder_, &nals, &count);
    for (int i = 0; i < count; ++i) {
      if (nals[i].i_type != NAL_SPS && nals[i].i_type != NAL_PPS) continue;
      headers_.insert(headers_.end(), nals[i].p_payload, nals[i].p_payload + nals[i].i_payload);
    }
  }
  H264Codec(const H264Codec&) = delete;
  H264Codec& operator=(const H264Codec&) = delete;
  ~H264Codec() override { x264_encoder_close(encoder_); }

  const std::vector<uint8_t>& headers() const override { return headers_; }

  void setBitrate(int bitsPerSecond) override {
    setRate(parameters_, bitsPerSecond, constantRate_);
    x264_encoder_reconfig(encoder_, &parameters_);
  }

  void encode(const Picture& picture, bool key, std::vector<uint8_t>& coded) override {
    x264_picture_t in;
    x264_picture_t out;
    x264_picture_init(&in);
    in.i_pts = frames_++;
    in.i_type = key ? X264_TYPE_IDR : X264_TYPE_P;
    in.img.i_csp = !picture.interleaved ? X264_CSP_I420
                   : picture.crFirst    ? X264_CSP_NV21
                                        : X264_CSP_NV12;
    in.img.i_plane = picture.interleaved ? 2 : 3;
    for (int i = 0; i < in.img.i_plane; ++i) {
      in.img.plane[i] = const_cast<uint8_t*>(picture.planes[i]);
      in.img.i_stride[i] = picture.strides[i];
    }
    x264_nal_t* nals = nullptr;
    int count = 0;
    x264_encoder_encode(encoder_, &nals, &count, &in, &out);
    coded.clear();
    for (int i = 0; i < count; ++i) {
      // x264's own remarks are nothing that a Pi would send.
      if (nals[i].i_type == NAL_SEI) continue;
      coded.insert(coded.end(), nals[i].p_payload, nals[i].p_payload + nals[i].i_payload);
    }
  }

 private:
  x264_param_t parameters_;
  bool constantRate_;
  x264_t* encoder_ = nullptr;
  std::vector<uint8_t> headers_;
  int64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<Codec> makeH264(const CodecSettings& settings) {
  return std::make_unique<H264Codec>(settings);
}

CodecSettings CodecSettings::of(const Formats& formats, const Controls& controls) {
  CodecSettings settings;
  settings.fourcc = formats.coded().pixelformat;
  settings.width = static_cast<int>(formats.raw().width);
  settings.height = static_cast<int>(formats.raw().height);
  settings.timePerFrame = formats.timePerFrame();
  settings.bitrate = controls.value(V4L2_CID_MPEG_VIDEO_BITRATE);
  settings.constantRate =
      controls.value(V4L2_CID_MPEG_VIDEO_BITRATE_MODE) == V4L2_MPEG_VIDEO_BITRATE_MODE_CBR;
  settings.profile = controls.value(V4L2_CID_MPEG_VIDEO_H264_PROFILE);
  settings.level = controls.value(V4L2_CID_MPEG_VIDEO_H264_LEVEL);
  settings.leastQp = controls.value(V4L2_CID_MPEG_VIDEO_H264_MIN_QP);
  settings.mostQp = controls.value(V4L2_CID_MPEG_VIDEO_H264_MAX_QP);
  return settings;
}

bool CodecSettings::sameStream(const CodecSettings& other) const {
  return fourcc == other.fourcc && width == other.width && height == other.height &&
         timePerFrame.numerator == other.timePerFrame.numerator &&
         timePerFrame.denominator == other.timePerFrame.denominator &&
         constantRate == other.constantRate && profile == other.profile && level == other.level &&
         leastQp == other.leastQp && mostQp == other.mostQp;
}

}  // namespace fakepi
