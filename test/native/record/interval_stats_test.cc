#include "record/interval_stats.h"

#include <doctest/doctest.h>

namespace pimon {

TEST_SUITE("interval statistics") {
  TEST_CASE("without any interval everything is 0") {
    const IntervalStats stats;
    CHECK(stats.quantileUs(0.5) == 0);
    CHECK(stats.maxUs() == 0);
  }

  TEST_CASE("quantiles are the least value that their share does not exceed") {
    IntervalStats stats;
    for (int64_t us = 1; us <= 100; ++us) stats.add(33'000 + us);
    CHECK(stats.quantileUs(0.5) == 33'050);
    CHECK(stats.quantileUs(0.99) == 33'099);
    CHECK(stats.quantileUs(1) == 33'100);
    CHECK(stats.quantileUs(0) == 33'001);
    CHECK(stats.maxUs() == 33'100);
  }

  TEST_CASE("below 65 ms they are exact, above to 1 part in 32 768") {
    IntervalStats exact;
    exact.add(65'535);
    CHECK(exact.quantileUs(1) == 65'535);
    for (const int64_t us : {65'537LL, 1'234'567LL, 3'600'000'000LL}) {
      IntervalStats rounded;
      rounded.add(us);
      CHECK(rounded.maxUs() == us);
      CHECK(rounded.quantileUs(1) <= us);
      CHECK((us - rounded.quantileUs(1)) * 32'768 <= us);
    }
  }
}

}  // namespace pimon
