// The addon's own test program. All of doctest's options are taken; one more, --libcamera, only
// says which libcamera takes part.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstring>
#include <iostream>

#include "helpers/sources.h"

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--libcamera") == 0) {
    std::cout << pimon::testedLibcamera() << "\n";
    return 0;
  }
  doctest::Context context(count, arguments);
  return context.run();
}
