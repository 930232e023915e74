#include <algorithm>
#include <optional>

#include "encode/annexb.h"
#include "record/container.h"
#include "record/output_file.h"
#include "support/av.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace pimon {

namespace {

// A fragment is complete when the frame after it arrives, so that a killed process loses at most
// this span and the frame in work.
constexpr int64_t kFragmentUs = 500'000;
constexpr AVRational kMicroseconds{1, 1'000'000};

// A fragmented MP4: playable at every instant up to its last whole fragment. Presentation times
// are the sensor's, from the first frame on, in microseconds.
class Mp4Container final : public Container {
 public:
  void open(const std::string& path, const StreamFormat& format) override {
    quietAv();
    file_.create(path);
    format_ = format;
    packet_.reset(av_packet_alloc());
    if (!packet_) throw std::bad_alloc();
  }

  void write(const Packet& packet) override {
    if (!firstNs_) {
      firstNs_ = packet.info.sensorNs;
      writeHeader(packet);
    }
    // libavformat copies what is not reference counted, and only when it must keep it.
    packet_->data = const_cast<uint8_t*>(packet.data.data());
    packet_->size = static_cast<int>(packet.data.size());
    packet_->stream_index = 0;
    packet_->pts = packet_->dts = (packet.info.sensorNs - *firstNs_) / 1000;
    packet_->duration = frameUs();
    packet_->flags = packet.key ? AV_PKT_FLAG_KEY : 0;
    av_packet_rescale_ts(packet_.get(), kMicroseconds, stream_->time_base);
    check(av_write_frame(context_.get(), packet_.get()));
  }

  void close() override {
    if (!firstNs_) return;
    check(av_write_trailer(context_.get()));
  }

  uint64_t bytes() const override { return file_.bytes(); }
  int fd() const override { return file_.fd(); }

 private:
  int64_t frameUs() const { return static_cast<int64_t>(1e6 / format_.fps); }

  void writeHeader(const Packet& packet) {
    AVFormatContext* context = nullptr;
    check(avformat_alloc_output_context2(&context, nullptr, "mp4", nullptr));
    context_.reset(context);
    context->pb = file_.avio();
    context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_FLUSH_PACKETS;

    stream_ = avformat_new_stream(context, nullptr);
    if (stream_ == nullptr) throw std::bad_alloc();
    stream_->time_base = kMicroseconds;
    stream_->avg_frame_rate = av_d2q(format_.fps, 100'000);
    describe(*stream_->codecpar, packet);

    AVDictionary* options = nullptr;
    av_dict_set(&options, "movflags", "empty_moov+default_base_moof+skip_trailer", 0);
    av_dict_set_int(&options, "frag_duration", std::max<int64_t>(kFragmentUs - frameUs(), 1), 0);
    av_dict_set_int(&options, "video_track_timescale", kMicroseconds.den, 0);
    const int result = avformat_write_header(context, &options);
    av_dict_free(&options);
    check(result);
  }

  void describe(AVCodecParameters& codec, const Packet& packet) const {
    codec.codec_type = AVMEDIA_TYPE_VIDEO;
    codec.codec_id = AV_CODEC_ID_H264;
    codec.format = AV_PIX_FMT_YUV420P;
    codec.width = format_.size.width;
    codec.height = format_.size.height;
    const bool rec709 = format_.colourSpace == ColourSpace::Rec709;
    codec.color_range = AVCOL_RANGE_MPEG;
    codec.color_primaries = rec709 ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
    codec.color_trc = rec709 ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
    codec.color_space = rec709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;

    const std::vector<uint8_t> headers = parameterSets(packet.data);
    if (headers.empty()) {
      throw Error("encoder-refused", "The first keyframe came without its parameter sets.");
    }
    codec.extradata =
        static_cast<uint8_t*>(av_mallocz(headers.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (codec.extradata == nullptr) throw std::bad_alloc();
    std::copy(headers.begin(), headers.end(), codec.extradata);
    codec.extradata_size = static_cast<int>(headers.size());
  }

  void check(int result) const {
    file_.check();
    if (result < 0) throw Error("disk-error", avMessage("Writing the MP4 failed", result));
  }

  StreamFormat format_;
  OutputFile file_;  // outlives the context that writes through it
  AvPtr<AVFormatContext> context_;
  AVStream* stream_ = nullptr;
  AvPtr<AVPacket> packet_;
  std::optional<int64_t> firstNs_;
};

}  // namespace

std::unique_ptr<Container> makeMp4Container() { return std::make_unique<Mp4Container>(); }

}  // namespace pimon
