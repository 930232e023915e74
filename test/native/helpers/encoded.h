#pragma once

#include <functional>
#include <string>
#include <vector>

#include "encode/encoder.h"
#include "helpers/painter.h"

namespace pimon {

// An encoder with a kind of input.
struct EncoderCase {
  std::string name;
  EncoderSettings settings;
  PixelFormat input;
  Memory memory = Memory::Private;
  // The Pi's firmware writes no colour, which the container must then, and
  // hears of keyframes while it has frames already.
  bool isHardware = false;

  std::unique_ptr<Encoder> make() const { return make(settings); }
  std::unique_ptr<Encoder> make(const EncoderSettings& others) const;
};

// Everything that the contract of an encoder is tested over: the Pi's too,
// where its emulator is.
std::vector<EncoderCase> encoderCases();

// Submits the frame as often as it takes: the encoder is never Full for long.
void submit(Encoder& encoder, const FramePtr& frame, const Losses& lostBefore = {});

// What libx264 makes of `count` frames that `next` paints.
std::vector<PacketPtr> encode(Painter& painter, int count,
                              const std::function<FramePtr(Painter&)>& next);

}  // namespace pimon
