#include "helpers/encoded.h"

#include <doctest/doctest.h>

#include "helpers/eventually.h"
#include "helpers/packet_log.h"

namespace pimon {

std::vector<EncoderCase> encoderCases() {
  EncoderSettings two;
  two.threads = 2;
  return {{"libx264 from YUV420", {}, PixelFormat::Yuv420},
          {"libx264 from NV12", {}, PixelFormat::Nv12},
          {"libx264 on two threads", two, PixelFormat::Yuv420}};
}

void submit(Encoder& encoder, const FramePtr& frame, const Losses& lostBefore) {
  CHECK(eventually([&] { return encoder.submit(frame, lostBefore) == Submitted::Yes; }));
}

std::vector<PacketPtr> encode(Painter& painter, int count,
                              const std::function<FramePtr(Painter&)>& next) {
  const std::unique_ptr<Encoder> encoder = chooseEncoder({}).encoder;
  PacketLog log;
  encoder->start(painter.format(), log);
  for (int i = 0; i < count; ++i) submit(*encoder, next(painter));
  CHECK(encoder->drain(std::chrono::seconds(30)).total() == 0);
  encoder->stop();
  return log.packets();
}

}  // namespace pimon
