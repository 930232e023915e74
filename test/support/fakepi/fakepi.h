#pragma once

#include <cstdint>

// What a test that runs under LD_PRELOAD=libfakepi.so may ask of the emulator. Find these by
// dlsym(RTLD_DEFAULT, …), so that the test program also links without it.
extern "C" {

// Sets the fault FAKEPI_<name> for what happens from now on; a null or empty value takes it back.
// Its count of opportunities begins again at 0. Returns 0, or -1 for a name that does not exist
// or a value it cannot take.
int fakepi_set_fault(const char* name, const char* value);

// A count since the process began, by its name in stats.h; -1 for a name that does not exist.
int64_t fakepi_stat(const char* name);
}
