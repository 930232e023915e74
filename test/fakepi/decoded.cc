#include "decoded.h"

extern "C" {
#include <libavcodec/avcodec.h>
}

#include <doctest/doctest.h>

#include <cstring>

namespace {

int at(const AVFrame& frame, int plane, int x, int y) {
  return frame.data[plane][static_cast<ptrdiff_t>(y) * frame.linesize[plane] + x];
}

Picture pictureOf(const AVFrame& frame) {
  Picture picture;
  picture.width = frame.width;
  picture.height = frame.height;
  picture.luma = at(frame, 0, frame.width / 2, frame.height / 2);
  picture.cb = at(frame, 1, frame.width / 8, frame.height / 4 + 1);
  picture.cr = at(frame, 2, frame.width / 8, frame.height / 4 + 1);
  for (int y : {2, frame.height - 3}) {
    for (int x : {2, frame.width - 3}) picture.corners.push_back(at(frame, 0, x, y));
  }
  picture.coloursSignalled =
      frame.colorspace != AVCOL_SPC_UNSPECIFIED || frame.color_primaries != AVCOL_PRI_UNSPECIFIED;
  return picture;
}

}  // namespace

Stream decode(const std::vector<Coded>& coded) {
  av_log_set_level(AV_LOG_QUIET);
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
  AVCodecContext* context = avcodec_alloc_context3(codec);
  REQUIRE(avcodec_open2(context, codec, nullptr) == 0);
  AVPacket* packet = av_packet_alloc();
  AVFrame* frame = av_frame_alloc();
  Stream stream;
  const auto receive = [&] {
    while (avcodec_receive_frame(context, frame) == 0) {
      stream.pictures.push_back(pictureOf(*frame));
      av_frame_unref(frame);
    }
  };
  for (const Coded& one : coded) {
    av_new_packet(packet, static_cast<int>(one.bytes.size()));
    std::memcpy(packet->data, one.bytes.data(), one.bytes.size());
    avcodec_send_packet(context, packet);
    av_packet_unref(packet);
    receive();
  }
  avcodec_send_packet(context, nullptr);
  receive();
  stream.profile = context->profile;
  stream.level = context->level;
  stream.fps = av_q2d(context->framerate);
  av_frame_free(&frame);
  av_packet_free(&packet);
  avcodec_free_context(&context);
  return stream;
}
