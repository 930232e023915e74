// Tests of the emulated encoder. Each test case is named by the statement it checks: the number of
// the section of the hardware notes (1 device, 2 call sequence, 3 controls, 4 memory, 8 emulator).
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "node.h"

int main(int count, char** arguments) {
  if (!fakepiIsLoaded()) {
    std::fputs("LD_PRELOAD=build/test/libfakepi.so is missing\n", stderr);
    return 1;
  }
  doctest::Context context(count, arguments);
  return context.run();
}
