#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "faults.h"

namespace fakepi {

namespace {

constexpr const char* contiguousName = "fakepi-cma";
constexpr const char* scatteredName = "fakepi-system";

std::string targetOf(const std::string& link) {
  char target[256];
  const ssize_t length = readlink(link.c_str(), target, sizeof(target));
  return length < 0 ? "" : std::string(target, length);
}

bool isContiguous(const std::string& target) {
  return target.find(std::string("memfd:") + contiguousName) != std::string::npos;
}

// Contiguous memory that a descriptor or a mapping of this process keeps alive. Looking at what
// there is needs no bookkeeping that a raw system call could slip past; it is done only where
// there is a budget.
size_t contiguousInUse() {
  std::map<ino_t, size_t> bytes;
  if (DIR* folder = real::opendir("/proc/self/fd")) {
    while (const dirent* entry = real::readdir(folder)) {
      struct stat status;
      const std::string name = entry->d_name;
      if (isContiguous(targetOf("/proc/self/fd/" + name)) &&
          real::fstat(std::stoi(name), &status) == 0) {
        bytes[status.st_ino] = status.st_size;
      }
    }
    closedir(folder);
  }
  // 7f…-7f… rw-s 00000000 00:01 1027 /memfd:fakepi-cma (deleted)
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (!isContiguous(line)) continue;
    std::istringstream fields(line);
    uint64_t begin = 0, end = 0, offset = 0;
    ino_t inode = 0;
    std::string permissions, device;
    char dash = 0;
    fields >> std::hex >> begin >> dash >> end >> permissions >> offset >> device >> std::dec >>
        inode;
    bytes[inode] = std::max<size_t>(bytes[inode], offset + end - begin);
  }
  size_t sum = 0;
  for (const auto& [inode, size] : bytes) sum += size;
  return sum;
}

}  // namespace

real::Fd allocate(Memory kind, size_t bytes, int fdFlags) {
  const size_t page = sysconf(_SC_PAGESIZE);
  bytes = (bytes + page - 1) / page * page;
  const bool contiguous = kind == Memory::Contiguous;
  if (contiguous && isSet(Fault::Cma) &&
      contiguousInUse() + bytes > static_cast<size_t>(number(Fault::Cma, 0))) {
    errno = ENOMEM;
    return {};
  }
  real::Fd fd(memfd_create(contiguous ? contiguousName : scatteredName,
                           MFD_ALLOW_SEALING | ((fdFlags & O_CLOEXEC) != 0 ? MFD_CLOEXEC : 0u)));
  if (!fd.valid() || ftruncate64(fd.get(), static_cast<off64_t>(bytes)) != 0) {
    errno = ENOMEM;
    return {};
  }
  fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  return fd;
}

std::optional<Memory> kindOf(int fd) {
  const std::string target = targetOf("/proc/self/fd/" + std::to_string(fd));
  if (isContiguous(target)) return Memory::Contiguous;
  if (target.find(std::string("memfd:") + scatteredName) != std::string::npos) {
    return Memory::Scattered;
  }
  return std::nullopt;
}

Mapping::Mapping(int fd, size_t length, int protection) {
  void* address = real::mmap(nullptr, length, protection, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return;
  data_ = static_cast<uint8_t*>(address);
  size_ = length;
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Mapping::~Mapping() {
  if (data_ != nullptr) munmap(data_, size_);
}

}  // namespace fakepi
