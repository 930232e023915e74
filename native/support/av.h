#pragma once

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
}

namespace pimon {

struct AvFree {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
template <class T>
using AvPtr = std::unique_ptr<T, AvFree>;

// The libraries print to stderr what they also return: errors only.
void quietAv();
// What libav says of one of its error numbers.
std::string avMessage(const std::string& what, int error);

}  // namespace pimon
