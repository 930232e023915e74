#include "stats.h"

#include <map>
#include <string>

#include "fakepi.h"

namespace fakepi {

Stats& stats() {
  static auto* const instance = new Stats;
  return *instance;
}

}  // namespace fakepi

extern "C" __attribute__((visibility("default"))) int64_t fakepi_stat(const char* name) {
  fakepi::Stats& s = fakepi::stats();
  const std::map<std::string, const std::atomic<int64_t>*> byName{
      {"opens", &s.opens},           {"live", &s.live},
      {"frames_in", &s.frames_in},   {"frames_mapped", &s.frames_mapped},
      {"frames_out", &s.frames_out}, {"imports", &s.imports},
      {"skipped", &s.skipped},       {"split", &s.split},
      {"errors", &s.errors},         {"header_only", &s.header_only},
      {"bad_first", &s.bad_first},   {"keys_lost", &s.keys_lost},
      {"stalls", &s.stalls},         {"heap_buffers", &s.heap_buffers},
  };
  const auto found = byName.find(name);
  return found == byName.end() ? -1 : found->second->load();
}
