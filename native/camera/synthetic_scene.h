#pragma once

#include <cstdint>
#include <vector>

#include "camera/canvas.h"

namespace pimon {

// A scene that compresses like a camera looking into a cage: a still, textured ground, sensor
// noise that is new in every frame, and a few textured bodies that move. What can be prepared is
// made once; a frame costs about two passes over its luma.
class SyntheticScene {
 public:
  SyntheticScene(int width, int height);

  // The scene `seconds` after its beginning. `brightness` is added to the luma, in its steps.
  void draw(const Canvas& canvas, double seconds, int brightness);

 private:
  struct Body {
    double orbitX, orbitY;  // of the picture's size, from its middle
    double turnX, turnY;    // radians a second
    double phase;
    uint8_t u, v;
  };

  void drawGround(const Canvas& canvas, int brightness);
  void drawBody(const Canvas& canvas, const Body& body, double seconds, int brightness) const;

  int width_;
  int height_;
  std::vector<uint8_t> ground_;  // luma, then the two chroma planes, without padding
  std::vector<int8_t> noise_;    // read from another place for every row
  std::vector<Body> bodies_;
  int diameter_;
  std::vector<uint8_t> texture_;  // luma of a body, diameter × diameter
  std::vector<uint8_t> cover_;    // its opacity, 0 … 255
  uint32_t random_ = 0x9e3779b9;
};

}  // namespace pimon
