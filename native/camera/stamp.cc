#include "camera/stamp.h"

#include <algorithm>
#include <cmath>

namespace pimon {

namespace {

constexpr int kColumns = 80;
constexpr int kFirstColumn = 8;
constexpr int kBits = 64;
constexpr uint8_t kOne = 235;
constexpr uint8_t kZero = 16;
constexpr uint8_t kNoColour = 128;
constexpr uint8_t kThreshold = 125;
constexpr uint64_t kSensorMask = (uint64_t{1} << 48) - 1;

int edge(int cell, int width) {
  return static_cast<int>(std::lround(static_cast<double>(cell) * width / kColumns));
}

int middle(int cell, int width) { return static_cast<int>((cell + 0.5) * width / kColumns); }

bool bitAt(uint64_t bits, int index) { return ((bits >> (kBits - 1 - index)) & 1) != 0; }

void fill(const WritablePlane& plane, int left, int right, int top, int bottom, uint8_t value) {
  for (int row = top; row < bottom; ++row) {
    std::fill(plane.row(row) + left, plane.row(row) + right, value);
  }
}

}  // namespace

Stamp stampOf(const FrameInfo& info) {
  return {static_cast<uint16_t>(info.sequence),
          (static_cast<uint64_t>(info.sensorNs) / 1000) & kSensorMask};
}

void drawStamp(const Canvas& canvas, const Stamp& stamp) {
  const uint64_t bits = (static_cast<uint64_t>(stamp.sequence) << 48) | stamp.sensorUs;
  const int rowEnd[] = {0, edge(1, canvas.width), edge(2, canvas.width)};
  for (int i = 0; i < kBits; ++i) {
    const int left = edge(kFirstColumn + i, canvas.width);
    const int right = edge(kFirstColumn + i + 1, canvas.width);
    const bool one = bitAt(bits, i);
    fill(canvas.y, left, right, rowEnd[0], rowEnd[1], one ? kOne : kZero);
    fill(canvas.y, left, right, rowEnd[1], rowEnd[2], one ? kZero : kOne);
  }
  const int left = edge(kFirstColumn, canvas.width) / 2;
  const int right = (edge(kFirstColumn + kBits, canvas.width) + 1) / 2;
  const int bottom = (rowEnd[2] + 1) / 2;
  fill(canvas.u, left, right, 0, bottom, kNoColour);
  fill(canvas.v, left, right, 0, bottom, kNoColour);
}

std::optional<Stamp> readStamp(const Plane& luma, int width) {
  const uint8_t* upper = luma.data + static_cast<ptrdiff_t>(middle(0, width)) * luma.stride;
  const uint8_t* lower = luma.data + static_cast<ptrdiff_t>(middle(1, width)) * luma.stride;
  uint64_t bits = 0;
  for (int i = 0; i < kBits; ++i) {
    const int x = middle(kFirstColumn + i, width);
    const bool one = upper[x] > kThreshold;
    if (one == (lower[x] > kThreshold)) return std::nullopt;
    bits = (bits << 1) | (one ? 1 : 0);
  }
  return Stamp{static_cast<uint16_t>(bits >> 48), bits & kSensorMask};
}

}  // namespace pimon
