#include "helpers/video_file.h"

namespace pimon {

namespace {

struct CloseInput {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};

struct FreeParameters {
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
};

std::unique_ptr<AVFormatContext, CloseInput> openInput(const std::string& path) {
  AVFormatContext* context = avformat_alloc_context();
  // What stands in the file, not what a parser makes of the pictures.
  context->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
  // Frees the context where it fails.
  if (avformat_open_input(&context, path.c_str(), nullptr, nullptr) < 0) return nullptr;
  return std::unique_ptr<AVFormatContext, CloseInput>(context);
}

}  // namespace

VideoFile readVideo(const std::string& path) {
  av_log_set_level(AV_LOG_QUIET);  // unfinished files are read on purpose
  VideoFile file;
  const auto input = openInput(path);
  if (!input || input->nb_streams != 1) return file;
  const AVStream& stream = *input->streams[0];
  file.parameters.reset(avcodec_parameters_alloc(), FreeParameters());
  avcodec_parameters_copy(file.parameters.get(), stream.codecpar);

  const AvPtr<AVPacket> packet(av_packet_alloc());
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0) break;
    constexpr AVRational kMicroseconds{1, 1'000'000};
    file.frames.push_back({.ptsUs = av_rescale_q(packet->pts, stream.time_base, kMicroseconds),
                           .key = (packet->flags & AV_PKT_FLAG_KEY) != 0,
                           .data = {packet->data, packet->data + packet->size}});
    av_packet_unref(packet.get());
  }
  av_packet_unref(packet.get());
  return file;
}

}  // namespace pimon
