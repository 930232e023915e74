#pragma once

#include <vector>

#include "session.h"

// A decoded picture.
struct Picture {
  int width = 0;
  int height = 0;
  int luma = 0;  // in the middle
  int cb = 0;    // in the middle of the left half
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
