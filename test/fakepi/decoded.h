#pragma once

#include <vector>

#include "session.h"

// A decoded picture, looked at in its middle.
struct Picture {
  int width = 0;
  int height = 0;
  int luma = 0;
  int cb = 0;
  int cr = 0;
  // The luma at the four corners, for pictures that might be sheared.
  std::vector<int> corners;
  bool coloursSignalled = false;
};

struct Stream {
  std::vector<Picture> pictures;
  int profile = 0;
  int level = 0;
  double fps = 0;
};

// Decodes what an encoder gave, buffer by buffer.
Stream decode(const std::vector<Coded>& coded);
