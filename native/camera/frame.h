#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace pimon {

// 8-bit 4:2:0. Yuv420 has planes Y, U, V; Nv12 has Y and interleaved UV.
enum class PixelFormat : uint8_t { Yuv420, Nv12 };

// Limited range in both cases.
enum class ColourSpace : uint8_t { Rec709, Smpte170m };

struct Plane {
  const uint8_t* data = nullptr;
  int stride = 0;  // bytes from one row to the next
};

struct Picture {
  PixelFormat format = PixelFormat::Yuv420;
  int width = 0;
  int height = 0;
  std::array<Plane, 3> planes{};
};

// Where a frame can be lost on its way to the disk. The order is the frame's way.
enum class Stage : uint8_t { Sensor, Source, Encoder, Writer };
inline constexpr std::array kStages{Stage::Sensor, Stage::Source, Stage::Encoder, Stage::Writer};
const char* name(Stage stage);

// Frames lost, by stage.
struct Losses {
  std::array<uint64_t, kStages.size()> frames{};

  uint64_t& operator[](Stage stage) { return frames[static_cast<size_t>(stage)]; }
  uint64_t operator[](Stage stage) const { return frames[static_cast<size_t>(stage)]; }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const uint64_t n : frames) sum += n;
    return sum;
  }
  Losses& operator+=(const Losses& other) {
    for (size_t i = 0; i < frames.size(); ++i) frames[i] += other.frames[i];
    return *this;
  }
};

// What is known of a frame besides its pixels; it travels with the frame into the recording.
struct FrameInfo {
  uint64_t sequence = 0;  // counts what the sensor made, so that a lost frame leaves a gap
  int64_t sensorNs = 0;   // start of exposure, CLOCK_MONOTONIC; increases from frame to frame
  int64_t wallUs = 0;     // the same instant in UTC since 1970, as the clock stood then
  std::optional<int32_t> exposureUs;
  std::optional<float> gain;                        // analogue
  std::optional<std::array<float, 2>> colourGains;  // red, blue
  std::optional<float> lensPosition;                // dioptres
};

// One picture of the camera in a buffer that belongs to its source. The buffer goes back when the
// last FramePtr dies, on whatever thread that happens; that is safe after the source has stopped,
// and after it is gone.
struct Frame {
  FrameInfo info;
  Picture main;                    // what is recorded
  std::optional<Picture> preview;  // the camera's second, smaller stream, where it has one
  int bufferIndex = 0;             // 0 … buffers − 1, the same for the same memory
  int dmabufFd = -1;               // the main picture as one dma-buf, or −1
};

using FramePtr = std::shared_ptr<const Frame>;

}  // namespace pimon
