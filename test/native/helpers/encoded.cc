#include "helpers/encoded.h"

#include <doctest/doctest.h>

#include "helpers/eventually.h"
#include "helpers/fakepi.h"
#include "helpers/packet_log.h"

namespace pimon {

std::unique_ptr<Encoder> EncoderCase::make(const EncoderSettings& others) const {
  // A size that each of them takes.
  StreamFormat format;
  format.size = {320, 180};
  format.fps = 30;
  return chooseEncoder(others, format).encoder;
}

std::vector<EncoderCase> encoderCases() {
  EncoderSettings software;
  software.kind = "software";
  EncoderSettings two = software;
  two.threads = 2;
  std::vector<EncoderCase> cases{{"libx264 from YUV420", software, PixelFormat::Yuv420},
                                 {"libx264 from NV12", software, PixelFormat::Nv12},
                                 {"libx264 on two threads", two, PixelFormat::Yuv420}};
  if (!FakePi::isHere()) return cases;
  EncoderSettings hardware;
  hardware.kind = "v4l2";
  for (const PixelFormat format : {PixelFormat::Yuv420, PixelFormat::Nv12}) {
    const std::string input = format == PixelFormat::Nv12 ? "NV12" : "YUV420";
    cases.push_back({"V4L2 from contiguous " + input, hardware, format, Memory::Contiguous, true});
    cases.push_back({"V4L2 from copied " + input, hardware, format, Memory::Private, true});
  }
  return cases;
}

void submit(Encoder& encoder, const FramePtr& frame, const Losses& lostBefore) {
  CHECK(eventually([&] { return encoder.submit(frame, lostBefore) == Submitted::Yes; }));
}

std::vector<PacketPtr> encode(Painter& painter, int count,
                              const std::function<FramePtr(Painter&)>& next) {
  EncoderSettings software;
  software.kind = "software";
  const std::unique_ptr<Encoder> encoder = chooseEncoder(software, painter.format()).encoder;
  PacketLog log;
  encoder->start(painter.format(), log);
  for (int i = 0; i < count; ++i) submit(*encoder, next(painter));
  CHECK(encoder->drain(std::chrono::seconds(30)).total() == 0);
  encoder->stop();
  return log.packets();
}

}  // namespace pimon
