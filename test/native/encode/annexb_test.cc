#include "encode/annexb.h"

#include <doctest/doctest.h>

namespace pimon {

namespace {

using Bytes = std::vector<uint8_t>;

const Bytes kSps{0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xd9};
const Bytes kPps{0, 0, 1, 0x68, 0xce, 0x3c, 0x80};
const Bytes kSei{0, 0, 1, 0x06, 5, 1, 0, 0x80};
const Bytes kPicture{0, 0, 1, 0x65, 0x88, 0x84, 0, 0, 1, 0x67, 1, 2, 3};

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// As the function writes them: every start code with four bytes.
const Bytes kSets = joined({kSps, {0}, kPps});

}  // namespace

TEST_SUITE("parameter sets") {
  TEST_CASE("SPS and PPS are found in front of the picture, past other units") {
    CHECK(parameterSets(joined({kSps, kPps, kPicture})) == kSets);
    CHECK(parameterSets(joined({kSps, kSei, kPps, kSei, kPicture})) == kSets);
    CHECK(parameterSets(joined({kSps, kPps})) == kSets);
  }

  TEST_CASE("one without the other is nothing, and what looks like one inside a picture is none") {
    CHECK(parameterSets(joined({kSps, kPicture})).empty());
    CHECK(parameterSets(joined({kPps, kPicture})).empty());
    CHECK(parameterSets(joined({kPicture, kSps, kPps})).empty());
  }

  TEST_CASE("nonsense has none") {
    CHECK(parameterSets({}).empty());
    CHECK(parameterSets(Bytes{0, 0}).empty());
    CHECK(parameterSets(Bytes{0, 0, 1}).empty());
    CHECK(parameterSets(Bytes(1000, 0)).empty());
    CHECK(parameterSets(Bytes(1000, 1)).empty());
  }
}

}  // namespace pimon
