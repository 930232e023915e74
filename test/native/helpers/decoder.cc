#include "helpers/decoder.h"

#include <new>
#include <utility>

namespace pimon {

namespace {

void check(int result) {
  if (result < 0) throw std::runtime_error(avMessage("Decoding", result));
}

}  // namespace

Decoder::Decoder(const AVCodecParameters* parameters) {
  quietAv();
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
  context_.reset(avcodec_alloc_context3(codec));
  if (!context_) throw std::bad_alloc();
  if (parameters != nullptr) check(avcodec_parameters_to_context(context_.get(), parameters));
  context_->thread_count = 1;
  context_->err_recognition = AV_EF_EXPLODE;
  check(avcodec_open2(context_.get(), codec, nullptr));
}

void Decoder::put(std::span<const uint8_t> data, int64_t pts) {
  const AvPtr<AVPacket> packet(av_packet_alloc());
  check(av_new_packet(packet.get(), static_cast<int>(data.size())));
  std::copy(data.begin(), data.end(), packet->data);
  packet->pts = pts;
  check(avcodec_send_packet(context_.get(), packet.get()));
  receive();
}

std::vector<Decoded> Decoder::finish() {
  check(avcodec_send_packet(context_.get(), nullptr));
  receive();
  return std::exchange(pictures_, {});
}

void Decoder::receive() {
  const AvPtr<AVFrame> frame(av_frame_alloc());
  for (;;) {
    const int result = avcodec_receive_frame(context_.get(), frame.get());
    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return;
    check(result);
    pictures_.push_back({.stamp = readStamp({frame->data[0], frame->linesize[0]}, frame->width),
                         .pts = frame->pts,
                         .key = frame->pict_type == AV_PICTURE_TYPE_I,
                         .width = frame->width,
                         .height = frame->height,
                         .range = frame->color_range,
                         .primaries = frame->color_primaries,
                         .transfer = frame->color_trc,
                         .space = frame->colorspace});
  }
}

std::vector<Decoded> decode(const std::vector<PacketPtr>& packets) {
  Decoder decoder(nullptr);
  for (const PacketPtr& packet : packets) decoder.put(packet->data, packet->info.sensorNs / 1000);
  return decoder.finish();
}

std::vector<Decoded> decode(const VideoFile& file) {
  if (file.frames.empty()) return {};
  Decoder decoder(file.parameters.get());
  for (const VideoFrame& frame : file.frames) decoder.put(frame.data, frame.ptsUs);
  return decoder.finish();
}

}  // namespace pimon
