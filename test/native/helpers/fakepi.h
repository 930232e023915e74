#pragma once

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace pimon {

// The emulator of a Pi's encoder (test/support/fakepi), where this process runs
// under it.
class FakePi {
 public:
  static bool isHere() { return dlsym(RTLD_DEFAULT, "fakepi_stat") != nullptr; }

  // By its name in the emulator's stats.h.
  static int64_t stat(const std::string& name) {
    const auto read =
        reinterpret_cast<int64_t (*)(const char*)>(dlsym(RTLD_DEFAULT, "fakepi_stat"));
    const int64_t count = read(name.c_str());
    REQUIRE(count >= 0);
    return count;
  }
};

// A fault of the emulator, FAKEPI_<name>, for as long as this lives.
class FakePiFault {
 public:
  FakePiFault(std::string name, const std::string& value) : name_(std::move(name)) {
    REQUIRE(set(value.c_str()) == 0);
  }
  FakePiFault(const FakePiFault&) = delete;
  FakePiFault& operator=(const FakePiFault&) = delete;
  ~FakePiFault() { set(nullptr); }

 private:
  int set(const char* value) const {
    const auto call = reinterpret_cast<int (*)(const char*, const char*)>(
        dlsym(RTLD_DEFAULT, "fakepi_set_fault"));
    return call(name_.c_str(), value);
  }

  std::string name_;
};

}  // namespace pimon
