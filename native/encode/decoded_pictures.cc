#include "encode/decoded_pictures.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <span>
#include <vector>

#include "support/av.h"
#include "support/error.h"

namespace pimon {

namespace {

std::vector<uint8_t> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<uint8_t> data{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw Error("disk-error", systemMessage(path + " cannot be read", errno));
  data.resize(data.size() + AV_INPUT_BUFFER_PADDING_SIZE);  // libav reads beyond the end
  return data;
}

struct CloseParser {
  void operator()(AVCodecParserContext* parser) const { av_parser_close(parser); }
};

class Counter {
 public:
  Counter() : packet_(av_packet_alloc()), frame_(av_frame_alloc()) {
    const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    if (codec == nullptr) throw Error("internal", "This system's libavcodec decodes no H.264.");
    parser_.reset(av_parser_init(AV_CODEC_ID_H264));
    context_.reset(avcodec_alloc_context3(codec));
    if (!parser_ || !context_ || !packet_ || !frame_) throw std::bad_alloc();
    context_->err_recognition = AV_EF_EXPLODE;  // a damaged picture is none
    context_->log_level_offset = AV_LOG_TRACE;  // they are counted, not told of
    context_->thread_count = 1;
    const int result = avcodec_open2(context_.get(), codec, nullptr);
    if (result < 0) throw Error("internal", avMessage("The H.264 decoder", result));
  }

  uint64_t count(std::span<const uint8_t> data) {
    while (!data.empty()) {
      uint8_t* unit = nullptr;
      int size = 0;
      const int used =
          av_parser_parse2(parser_.get(), context_.get(), &unit, &size, data.data(),
                           static_cast<int>(data.size()), AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
      data = data.subspan(used);
      decode(unit, size);
    }
    uint8_t* last = nullptr;
    int size = 0;
    av_parser_parse2(parser_.get(), context_.get(), &last, &size, nullptr, 0, AV_NOPTS_VALUE,
                     AV_NOPTS_VALUE, 0);
    decode(last, size);
    avcodec_send_packet(context_.get(), nullptr);
    receive();
    return pictures_;
  }

 private:
  void decode(uint8_t* unit, int size) {
    if (size == 0) return;
    packet_->data = unit;
    packet_->size = size;
    if (avcodec_send_packet(context_.get(), packet_.get()) == 0) receive();
  }
  void receive() {
    while (avcodec_receive_frame(context_.get(), frame_.get()) == 0) ++pictures_;
  }

  std::unique_ptr<AVCodecParserContext, CloseParser> parser_;
  AvPtr<AVCodecContext> context_;
  AvPtr<AVPacket> packet_;
  AvPtr<AVFrame> frame_;
  uint64_t pictures_ = 0;
};

}  // namespace

uint64_t decodedPictures(const std::string& path) {
  quietAv();
  const std::vector<uint8_t> data = read(path);
  return Counter().count({data.data(), data.size() - AV_INPUT_BUFFER_PADDING_SIZE});
}

}  // namespace pimon
