#include "camera/synthetic_scene.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

namespace pimon {

namespace {

// Read noise of a small sensor in good light, in luma steps.
constexpr double kNoiseDeviation = 1.3;
constexpr size_t kNoiseVariety = 1 << 16;
constexpr int kDarkest = 16;
constexpr int kBrightest = 235;

uint8_t luma(double value) {
  return static_cast<uint8_t>(std::clamp(value, double{kDarkest}, double{kBrightest}));
}

// Smooth noise: random values on a lattice of `pitch` pixels, blended between its points.
class Lattice {
 public:
  Lattice(int width, int height, int pitch, std::mt19937& random)
      : pitch_(pitch),
        columns_(width / pitch + 2),
        values_(size_t(columns_) * (height / pitch + 2)) {
    std::uniform_real_distribution<float> spread(-1, 1);
    for (float& value : values_) value = spread(random);
  }

  float at(int x, int y) const {
    const float fx = smooth(static_cast<float>(x % pitch_) / static_cast<float>(pitch_));
    const float fy = smooth(static_cast<float>(y % pitch_) / static_cast<float>(pitch_));
    const float* corner = &values_[size_t(y / pitch_) * columns_ + x / pitch_];
    const float top = std::lerp(corner[0], corner[1], fx);
    const float bottom = std::lerp(corner[columns_], corner[columns_ + 1], fx);
    return std::lerp(top, bottom, fy);
  }

 private:
  static float smooth(float t) { return t * t * (3 - 2 * t); }

  int pitch_;
  int columns_;
  std::vector<float> values_;
};

std::vector<uint8_t> makeGround(int width, int height, std::mt19937& random) {
  const Lattice shade(width, height, std::max(2, width / 5), random);
  const Lattice bedding(width, height, std::max(2, width / 80), random);
  const Lattice grain(width, height, 3, random);
  std::vector<uint8_t> ground(size_t(width) * height * 3 / 2);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      ground[size_t(y) * width + x] =
          luma(128 + 45 * shade.at(x, y) + 16 * bedding.at(x, y) + 9 * grain.at(x, y));
    }
  }
  const int halfWidth = width / 2;
  const int halfHeight = height / 2;
  uint8_t* u = &ground[size_t(width) * height];
  uint8_t* v = u + size_t(halfWidth) * halfHeight;
  for (int y = 0; y < halfHeight; ++y) {
    for (int x = 0; x < halfWidth; ++x) {
      const float warmth = shade.at(2 * x, 2 * y);
      *u++ = static_cast<uint8_t>(120 - 8 * warmth);
      *v++ = static_cast<uint8_t>(134 + 6 * warmth);
    }
  }
  return ground;
}

std::vector<int8_t> makeNoise(size_t length, std::mt19937& random) {
  std::normal_distribution<double> spread(0, kNoiseDeviation);
  std::vector<int8_t> noise(length);
  for (int8_t& value : noise) value = static_cast<int8_t>(std::lround(spread(random)));
  return noise;
}

}  // namespace

SyntheticScene::SyntheticScene(int width, int height)
    : width_(width), height_(height), diameter_(std::max(16, height / 5)) {
  std::mt19937 random(1);  // the same scene every time
  ground_ = makeGround(width, height, random);
  noise_ = makeNoise(kNoiseVariety + width, random);

  const Lattice fur(diameter_, diameter_, 4, random);
  const double radius = diameter_ / 2.0;
  texture_.resize(size_t(diameter_) * diameter_);
  cover_.resize(texture_.size());
  for (int y = 0; y < diameter_; ++y) {
    for (int x = 0; x < diameter_; ++x) {
      const double distance = std::hypot(x + 0.5 - radius, (y + 0.5 - radius) * 1.4);
      texture_[size_t(y) * diameter_ + x] =
          luma(70 + 30 * fur.at(x, y) + 20 * (1 - distance / radius));
      cover_[size_t(y) * diameter_ + x] =
          static_cast<uint8_t>(std::clamp((radius - distance) * 64, 0.0, 255.0));
    }
  }
  bodies_ = {
      {.orbitX = 0.35, .orbitY = 0.30, .turnX = 0.7, .turnY = 0.9, .phase = 0, .u = 116, .v = 142},
      {.orbitX = 0.40, .orbitY = 0.22, .turnX = -0.5, .turnY = 1.3, .phase = 2, .u = 134, .v = 122},
      {.orbitX = 0.15,
       .orbitY = 0.33,
       .turnX = 1.9,
       .turnY = -0.4,
       .phase = 4,
       .u = 126,
       .v = 131}};
}

void SyntheticScene::draw(const Canvas& canvas, double seconds, int brightness) {
  drawGround(canvas, brightness);
  for (const Body& body : bodies_) drawBody(canvas, body, seconds, brightness);
}

void SyntheticScene::drawGround(const Canvas& canvas, int brightness) {
  for (int y = 0; y < height_; ++y) {
    random_ ^= random_ << 13;  // xorshift
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    const int8_t* noise = &noise_[random_ % kNoiseVariety];
    const uint8_t* ground = &ground_[size_t(y) * width_];
    uint8_t* out = canvas.y.row(y);
    const auto offset = static_cast<int16_t>(brightness);
    for (int x = 0; x < width_; ++x) {
      const auto value = static_cast<int16_t>(ground[x] + noise[x] + offset);
      out[x] = static_cast<uint8_t>(std::clamp<int16_t>(value, kDarkest, kBrightest));
    }
  }
  const size_t chromaWidth = width_ / 2;
  const uint8_t* chroma = &ground_[size_t(width_) * height_];
  for (const WritablePlane& plane : {canvas.u, canvas.v}) {
    for (int y = 0; y < height_ / 2; ++y, chroma += chromaWidth) {
      std::memcpy(plane.row(y), chroma, chromaWidth);
    }
  }
}

void SyntheticScene::drawBody(const Canvas& canvas, const Body& body, double seconds,
                              int brightness) const {
  const double x = 0.5 + body.orbitX * std::sin(body.turnX * seconds + body.phase);
  const double y = 0.5 + body.orbitY * std::sin(body.turnY * seconds + 2 * body.phase);
  // Even, so that chroma and luma move together.
  const int left =
      std::clamp(static_cast<int>(x * width_) - diameter_ / 2, 0, width_ - diameter_) & ~1;
  const int top =
      std::clamp(static_cast<int>(y * height_) - diameter_ / 2, 0, height_ - diameter_) & ~1;
  for (int row = 0; row < diameter_; ++row) {
    const uint8_t* texture = &texture_[size_t(row) * diameter_];
    const uint8_t* cover = &cover_[size_t(row) * diameter_];
    uint8_t* out = canvas.y.row(top + row) + left;
    for (int i = 0; i < diameter_; ++i) {
      const int shade = std::clamp(texture[i] + brightness, kDarkest, kBrightest);
      out[i] = static_cast<uint8_t>(out[i] + (((shade - out[i]) * cover[i]) >> 8));
    }
    if (row % 2 != 0) continue;
    uint8_t* u = canvas.u.row((top + row) / 2) + left / 2;
    uint8_t* v = canvas.v.row((top + row) / 2) + left / 2;
    for (int i = 0; i < diameter_ / 2; ++i) {
      if (cover[size_t(i) * 2] < 128) continue;
      u[i] = body.u;
      v[i] = body.v;
    }
  }
}

}  // namespace pimon
