#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

// What goes wrong, by the environment or, while the process runs, by fakepi_set_fault. README.md
// lists the names and what each value means.
namespace fakepi {

// In the order of the names in faults.cc.
enum class Fault {
  Absent,
  BadFirst,
  Cma,
  Eio,
  Error,
  HeaderOnly,
  HeadersStop,
  KeepLast,
  LoseKey,
  MinBuffers,
  Node,
  NoGopSize,
  OldKernel,
  Refuse,
  Seed,
  Skip,
  Speed,
  Split,
  Stall,
  Strict,
  Stride,
};

bool isSet(Fault fault);
std::optional<std::string> text(Fault fault);
// A whole number, with K or M for 2¹⁰ and 2²⁰.
int64_t number(Fault fault, int64_t otherwise);

// For faults that strike now and then: counts one opportunity and says whether this is one.
bool strikes(Fault fault);

// False when there is no such fault or it cannot have that value.
bool setFault(const std::string& name, const char* value);

// How many times faster than a Pi the device runs; 0 is as fast as it can.
double speed();
// What takes so long on a Pi.
std::chrono::nanoseconds scaled(std::chrono::nanoseconds onAPi);

// In strict mode the process ends here, with the message; else nothing happens.
void strictly(bool holds, const char* message);

}  // namespace fakepi
