// What comes out of the Pi's encoder in pieces, and the pictures that are made
// of it.
#include "encode/bitstream_joiner.h"

#include <doctest/doctest.h>

namespace pimon {

namespace {

using Bytes = std::vector<uint8_t>;

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Bytes kSps{0, 0, 0, 1, 0x67, 0x64, 0, 0x28};
const Bytes kPps{0, 0, 0, 1, 0x68, 0xee, 0x3c};
const Bytes kKey{0, 0, 0, 1, 0x65, 0x88, 0x84};
const Bytes kOther{0, 0, 0, 1, 0x41, 0x9a, 0x21};
const Bytes kRest{0x55, 0x66, 0x77};

}  // namespace

TEST_SUITE("bitstream joiner") {
  TEST_CASE("a whole buffer is a picture at once") {
    BitstreamJoiner joiner;
    const auto pictures = joiner.add(kSps + kPps + kKey, 7, false);
    REQUIRE(pictures.size() == 1);
    CHECK(pictures[0].timestampUs == 7);
    CHECK(pictures[0].key);
    CHECK(pictures[0].data == kSps + kPps + kKey);
    CHECK_FALSE(joiner.add(kOther, 8, false).at(0).key);
  }

  TEST_CASE(
      "a full buffer goes on in the next, which repeats the timestamp or "
      "has no start code") {
    for (const int64_t second : {7, 0}) {
      BitstreamJoiner joiner;
      CHECK(joiner.add(kOther, 7, true).empty());
      const auto pictures = joiner.add(kRest, second, false);
      REQUIRE(pictures.size() == 1);
      CHECK(pictures[0].timestampUs == 7);
      CHECK(pictures[0].data == kOther + kRest);
    }
  }

  TEST_CASE("a picture that just fills its buffer ends where the next begins") {
    BitstreamJoiner joiner;
    CHECK(joiner.add(kOther, 7, true).empty());
    const auto pictures = joiner.add(kOther + kRest, 8, false);
    REQUIRE(pictures.size() == 2);
    CHECK(pictures[0].data == kOther);
    CHECK(pictures[1].timestampUs == 8);
  }

  TEST_CASE(
      "parameter sets of their own are no picture, and stand before "
      "keyframes that lack them") {
    BitstreamJoiner joiner;
    CHECK(joiner.add(kSps + kPps, 0, false).empty());
    CHECK(joiner.add(kKey, 1, false).at(0).data == kSps + kPps + kKey);
    CHECK(joiner.add(kOther, 2, false).at(0).data == kOther);
    CHECK(joiner.add(kKey, 3, false).at(0).data == kSps + kPps + kKey);
  }

  TEST_CASE("what begins with no start code is nothing") {
    BitstreamJoiner joiner;
    CHECK(joiner.add(kRest, 1, false).empty());
    CHECK(joiner.add(Bytes{0, 0, 0, 0, 0}, 1, false).empty());
    CHECK(joiner.add(Bytes{}, 1, false).empty());
    CHECK(joiner.flush().empty());
  }

  TEST_CASE("what waits for a continuation at the end comes out by flush") {
    BitstreamJoiner joiner;
    joiner.add(kOther, 7, true);
    CHECK(joiner.flush().at(0).data == kOther);
    CHECK(joiner.flush().empty());
  }
}

}  // namespace pimon
