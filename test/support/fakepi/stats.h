#pragma once

#include <atomic>
#include <cstdint>

// Counts over all opens since the process began; fakepi_stat reads them by these names.
namespace fakepi {

struct Stats {
  std::atomic<int64_t> opens{0};          // of the encoder's node
  std::atomic<int64_t> live{0};           // opens not yet released
  std::atomic<int64_t> frames_in{0};      // OUTPUT buffers the device took
  std::atomic<int64_t> frames_mapped{0};  // of those, copied by the program into MMAP buffers
  std::atomic<int64_t> frames_out{0};     // pictures coded and given back whole
  std::atomic<int64_t> imports{0};        // a dma-buf not yet known on its index
  std::atomic<int64_t> skipped{0};        // FAKEPI_SKIP
  std::atomic<int64_t> split{0};          // pictures that took more than one CAPTURE buffer
  std::atomic<int64_t> errors{0};         // FAKEPI_ERROR
  std::atomic<int64_t> header_only{0};    // buffers with SPS and PPS alone
  std::atomic<int64_t> bad_first{0};      // FAKEPI_BAD_FIRST
  std::atomic<int64_t> keys_lost{0};      // FAKEPI_LOSE_KEY
  std::atomic<int64_t> stalls{0};         // FAKEPI_STALL
  std::atomic<int64_t> heap_buffers{0};   // handed out by the dma heaps
};

Stats& stats();

}  // namespace fakepi
