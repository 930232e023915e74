// The least that recording and previewing can cost: the synthetic camera's frames through libx264
// and TurboJPEG alone, one after the other on one thread, at the camera's pace (a processor that
// sleeps between frames finds its caches cold). The drawing and the scaling are left out.
//
//   floor FRAMES WIDTH HEIGHT FPS PREVIEW_WIDTH JPEG_QUALITY THREADS   prints JSON

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "camera/buffer_pool.h"
#include "camera/stamp.h"
#include "camera/synthetic_scene.h"
#include "preview/jpeg_encoder.h"
#include "preview/small_picture.h"
#include "support/av.h"
#include "support/clock.h"
#include "support/error.h"

namespace {

using namespace pimon;

double processCpuMs() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

AvPtr<AVCodecContext> openX264(int width, int height, double fps, int threads) {
  quietAv();
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  AvPtr<AVCodecContext> context(avcodec_alloc_context3(codec));
  context->width = width;
  context->height = height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, 1'000'000};
  context->framerate = av_d2q(fps, 100'000);
  context->gop_size = static_cast<int>(fps);
  context->max_b_frames = 0;
  context->thread_count = threads;
  context->thread_type = FF_THREAD_SLICE;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "preset", "superfast", 0);
  av_dict_set(&options, "tune", "zerolatency", 0);
  av_dict_set(&options, "crf", "23", 0);
  av_dict_set(&options, "sc_threshold", "0", 0);
  const int result = avcodec_open2(context.get(), codec, &options);
  av_dict_free(&options);
  if (result < 0) throw Error("encoder-refused", avMessage("libx264", result));
  return context;
}

Frame frameOn(const Canvas& canvas) {
  Frame frame;
  frame.main = {
      .format = PixelFormat::Yuv420,
      .width = canvas.width,
      .height = canvas.height,
      .planes = {Plane{canvas.y.data, canvas.y.stride}, Plane{canvas.u.data, canvas.u.stride},
                 Plane{canvas.v.data, canvas.v.stride}}};
  return frame;
}

AvPtr<AVFrame> avFrameOn(const Canvas& canvas) {
  AvPtr<AVFrame> frame(av_frame_alloc());
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = canvas.width;
  frame->height = canvas.height;
  frame->data[0] = canvas.y.data;
  frame->data[1] = canvas.u.data;
  frame->data[2] = canvas.v.data;
  frame->linesize[0] = canvas.y.stride;
  frame->linesize[1] = canvas.u.stride;
  frame->linesize[2] = canvas.v.stride;
  const auto size = static_cast<size_t>(canvas.y.stride) * canvas.height;
  // Reference counted, so that libavcodec does not copy it; the pool keeps the memory.
  frame->buf[0] = av_buffer_create(
      canvas.y.data, size, [](void*, uint8_t*) {}, nullptr, 0);
  return frame;
}

int run(char** argument) {
  const int frames = std::atoi(argument[1]);
  const int width = std::atoi(argument[2]);
  const int height = std::atoi(argument[3]);
  const double fps = std::atof(argument[4]);
  const int previewWidth = std::atoi(argument[5]);
  const int quality = std::atoi(argument[6]);

  SyntheticScene scene(width, height);
  const BufferPool pool(1, width, height);
  const Canvas canvas = pool.canvas(0);
  const Frame whole = frameOn(canvas);
  const AvPtr<AVCodecContext> codec = openX264(width, height, fps, std::atoi(argument[7]));
  const AvPtr<AVPacket> packet(av_packet_alloc());
  JpegEncoder jpeg;
  SmallPicture small;
  double h264Ms = 0;
  double jpegMs = 0;
  size_t bytes = 0;

  const int64_t beginning = monotonicNs();
  for (int i = 0; i < frames; ++i) {
    const auto due = beginning + static_cast<int64_t>(i * 1e9 / fps);
    std::this_thread::sleep_for(std::chrono::nanoseconds(due - monotonicNs()));
    scene.draw(canvas, static_cast<double>(due) / 1e9, 0);
    FrameInfo info;
    info.sequence = static_cast<uint64_t>(i);
    info.sensorNs = due;
    drawStamp(canvas, stampOf(info));
    shrink(whole, previewSize({width, height}, previewWidth), small);
    widenRange(small);
    const AvPtr<AVFrame> frame = avFrameOn(canvas);
    frame->pts = due / 1000;

    const double before = processCpuMs();
    avcodec_send_frame(codec.get(), frame.get());
    while (avcodec_receive_packet(codec.get(), packet.get()) == 0) {
      bytes += static_cast<size_t>(packet->size);
      av_packet_unref(packet.get());
    }
    const double between = processCpuMs();
    jpeg.encode(small, quality);
    h264Ms += between - before;
    jpegMs += processCpuMs() - between;
  }
  std::printf("{\"h264MsPerFrame\":%.4f,\"jpegMsPerFrame\":%.4f,\"bytesPerFrame\":%zu}\n",
              h264Ms / frames, jpegMs / frames, bytes / static_cast<size_t>(frames));
  return 0;
}

}  // namespace

int main(int count, char** argument) {
  if (count != 8) {
    std::fputs("floor FRAMES WIDTH HEIGHT FPS PREVIEW_WIDTH JPEG_QUALITY THREADS\n", stderr);
    return 2;
  }
  try {
    return run(argument);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "floor: %s\n", error.what());
    return 1;
  }
}
