// The fake devices as entries of /dev, for programs that look before they open.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "dma_heap.h"
#include "memory.h"
#include "real.h"
#include "registry.h"

#define FAKEPI_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using fakepi::nodePath;
using fakepi::Registry;
namespace dma_heap = fakepi::dma_heap;
namespace real = fakepi::real;

constexpr unsigned videoMajor = 81;  // Documentation/admin-guide/devices.txt
constexpr unsigned heapMajor = 251;

// The number at the end of the node's name, which stands for its minor.
unsigned nodeMinor() {
  const std::string path = nodePath();
  const size_t digits = path.find_last_not_of("0123456789") + 1;
  return static_cast<unsigned>(std::atoi(path.c_str() + digits));
}

enum class Entry { None, Missing, Node, Folder, Heap };

Entry entryOf(const char* path) {
  if (path == nullptr || std::strncmp(path, "/dev/", 5) != 0) return Entry::None;
  if (path == nodePath()) return Entry::Node;
  if (std::strcmp(path, "/dev/video11") == 0) return Entry::Missing;
  const std::string whole = path;
  if (whole == dma_heap::folder) return Entry::Folder;
  for (const char* name : dma_heap::names) {
    if (whole == std::string(dma_heap::folder) + "/" + name) return Entry::Heap;
  }
  return Entry::None;
}

template <typename Status>
void describe(Entry entry, Status& status) {
  std::memset(&status, 0, sizeof(status));
  status.st_nlink = 1;
  status.st_ino = 1 + static_cast<unsigned>(entry);
  status.st_mode = entry == Entry::Folder ? S_IFDIR | 0755 : S_IFCHR | 0660;
  if (entry == Entry::Node) status.st_rdev = makedev(videoMajor, nodeMinor());
  if (entry == Entry::Heap) status.st_rdev = makedev(heapMajor, 0);
}

int missing() {
  errno = ENOENT;
  return -1;
}

template <typename Status>
int statPath(const char* function, const char* path, Status* status) {
  const Entry entry = entryOf(path);
  if (entry == Entry::Missing) return missing();
  if (entry == Entry::None) return real::next<int(const char*, Status*)>(function)(path, status);
  describe(entry, *status);
  return 0;
}

template <typename Status>
int statFd(const char* function, int fd, Status* status) {
  if (Registry::instance().find(fd)) {
    describe(Entry::Node, *status);
    return 0;
  }
  return real::next<int(int, Status*)>(function)(fd, status);
}

template <typename Status>
int statAt(const char* function, int folder, const char* path, Status* status, int flags) {
  const Entry entry = entryOf(path);
  if (entry == Entry::Missing) return missing();
  if (entry != Entry::None) {
    describe(entry, *status);
    return 0;
  }
  return real::next<int(int, const char*, Status*, int)>(function)(folder, path, status, flags);
}

// A folder being read: the real entries, if it exists, then ours.
struct Listing {
  std::vector<std::string> ours;
  bool hasReal = true;
  size_t next = 0;
  dirent entry{};
  dirent64 entry64{};
};
std::mutex listingsMutex;
std::map<DIR*, Listing>& listings() {
  static auto* const all = new std::map<DIR*, Listing>;
  return *all;
}

DIR* openListing(const std::string& path) {
  Listing listing;
  if (path == "/dev") {
    listing.ours = {"dma_heap"};
    if (nodePath().starts_with("/dev/")) listing.ours.push_back(nodePath().substr(5));
  } else {
    listing.ours.assign(dma_heap::names.begin(), dma_heap::names.end());
    listing.hasReal = false;
  }
  DIR* folder = real::opendir("/dev");
  if (folder == nullptr) return nullptr;
  std::lock_guard lock(listingsMutex);
  listings()[folder] = std::move(listing);
  return folder;
}

bool isListed(const char* path) {
  std::string whole = path == nullptr ? "" : path;
  while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
  return whole == "/dev" || whole == dma_heap::folder;
}

std::string listedPath(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

template <typename Dirent>
Dirent* readListing(const char* function, DIR* folder, Dirent Listing::*entry) {
  auto* const readReal = real::next<Dirent*(DIR*)>(function);
  std::lock_guard lock(listingsMutex);
  const auto found = listings().find(folder);
  if (found == listings().end()) return readReal(folder);
  Listing& listing = found->second;
  while (listing.hasReal) {
    Dirent* one = readReal(folder);
    if (one == nullptr) break;
    // The real machine's encoder and heaps are hidden behind ours.
    if (std::strcmp(one->d_name, "video11") != 0 && std::strcmp(one->d_name, "dma_heap") != 0) {
      return one;
    }
  }
  if (listing.next == listing.ours.size()) return nullptr;
  Dirent& own = listing.*entry;
  own.d_ino = 1000 + listing.next;
  own.d_reclen = sizeof(own);
  const std::string& name = listing.ours[listing.next++];
  own.d_type = name == "dma_heap" ? DT_DIR : DT_CHR;
  std::strncpy(own.d_name, name.c_str(), sizeof(own.d_name) - 1);
  return &own;
}

// scandir() reads folders by the C library's inner functions, which cannot be stood in front of.
template <typename Dirent>
int scanListing(const char* path, Dirent*** result, int (*filter)(const Dirent*),
                int (*compare)(const Dirent**, const Dirent**), const char* reader,
                Dirent Listing::*entry) {
  DIR* folder = openListing(listedPath(path));
  if (folder == nullptr) return -1;
  std::vector<Dirent*> found;
  while (const Dirent* one = readListing(reader, folder, entry)) {
    if (filter != nullptr && filter(one) == 0) continue;
    auto* copy = static_cast<Dirent*>(std::malloc(sizeof(Dirent)));
    std::memcpy(copy, one, std::min<size_t>(one->d_reclen, sizeof(Dirent)));
    found.push_back(copy);
  }
  closedir(folder);
  auto** all = static_cast<Dirent**>(std::malloc((found.size() + 1) * sizeof(Dirent*)));
  std::copy(found.begin(), found.end(), all);
  if (compare != nullptr) {
    std::qsort(all, found.size(), sizeof(Dirent*),
               reinterpret_cast<int (*)(const void*, const void*)>(compare));
  }
  *result = all;
  return static_cast<int>(found.size());
}

// What v4l-utils ask the system about a node before they believe in it.
bool isNodeEvent(const char* path) {
  return path != nullptr && !nodePath().empty() &&
         path == "/sys/dev/char/" + std::to_string(videoMajor) + ":" + std::to_string(nodeMinor()) +
                     "/uevent";
}

FILE* openNodeEvent() {
  const std::string text = "MAJOR=" + std::to_string(videoMajor) +
                           "\nMINOR=" + std::to_string(nodeMinor()) +
                           "\nDEVNAME=" + nodePath().substr(5) + "\n";
  const int fd = memfd_create("uevent", MFD_CLOEXEC);
  if (fd < 0 || write(fd, text.data(), text.size()) < 0) return nullptr;
  lseek(fd, 0, SEEK_SET);
  return fdopen(fd, "r");
}

int accessAny(const char* path, int* result) {
  const Entry entry = entryOf(path);
  if (entry == Entry::None) return 0;
  *result = entry == Entry::Missing ? missing() : 0;
  return 1;
}

}  // namespace

FAKEPI_EXPORT int stat(const char* path, struct stat* status) noexcept {
  return statPath("stat", path, status);
}
FAKEPI_EXPORT int stat64(const char* path, struct stat64* status) noexcept {
  return statPath("stat64", path, status);
}
FAKEPI_EXPORT int lstat(const char* path, struct stat* status) noexcept {
  return statPath("lstat", path, status);
}
FAKEPI_EXPORT int lstat64(const char* path, struct stat64* status) noexcept {
  return statPath("lstat64", path, status);
}
FAKEPI_EXPORT int fstat(int fd, struct stat* status) noexcept {
  return statFd("fstat", fd, status);
}
FAKEPI_EXPORT int fstat64(int fd, struct stat64* status) noexcept {
  return statFd("fstat64", fd, status);
}
FAKEPI_EXPORT int fstatat(int folder, const char* path, struct stat* status, int flags) noexcept {
  return statAt("fstatat", folder, path, status, flags);
}
FAKEPI_EXPORT int fstatat64(int folder, const char* path, struct stat64* status,
                            int flags) noexcept {
  return statAt("fstatat64", folder, path, status, flags);
}

FAKEPI_EXPORT int statx(int folder, const char* path, int flags, unsigned mask,
                        struct statx* status) noexcept {
  static auto* const function =
      real::next<int(int, const char*, int, unsigned, struct statx*)>("statx");
  const Entry entry = entryOf(path);
  if (entry == Entry::Missing) return missing();
  if (entry == Entry::None) return function(folder, path, flags, mask, status);
  struct stat plain;
  describe(entry, plain);
  std::memset(status, 0, sizeof(*status));
  status->stx_mask = STATX_BASIC_STATS;
  status->stx_nlink = 1;
  status->stx_mode = static_cast<uint16_t>(plain.st_mode);
  status->stx_rdev_major = major(plain.st_rdev);
  status->stx_rdev_minor = minor(plain.st_rdev);
  return 0;
}

FAKEPI_EXPORT int access(const char* path, int mode) noexcept {
  static auto* const function = real::next<int(const char*, int)>("access");
  int result = 0;
  return accessAny(path, &result) != 0 ? result : function(path, mode);
}
FAKEPI_EXPORT int faccessat(int folder, const char* path, int mode, int flags) noexcept {
  static auto* const function = real::next<int(int, const char*, int, int)>("faccessat");
  int result = 0;
  return accessAny(path, &result) != 0 ? result : function(folder, path, mode, flags);
}

FAKEPI_EXPORT DIR* opendir(const char* path) {
  return isListed(path) ? openListing(listedPath(path)) : real::opendir(path);
}
FAKEPI_EXPORT dirent* readdir(DIR* folder) {
  return readListing("readdir", folder, &Listing::entry);
}
FAKEPI_EXPORT dirent64* readdir64(DIR* folder) {
  return readListing("readdir64", folder, &Listing::entry64);
}
FAKEPI_EXPORT void rewinddir(DIR* folder) noexcept {
  static auto* const function = real::next<void(DIR*)>("rewinddir");
  std::lock_guard lock(listingsMutex);
  const auto found = listings().find(folder);
  if (found != listings().end()) found->second.next = 0;
  function(folder);
}
FAKEPI_EXPORT int closedir(DIR* folder) {
  static auto* const function = real::next<int(DIR*)>("closedir");
  {
    std::lock_guard lock(listingsMutex);
    listings().erase(folder);
  }
  return function(folder);
}

FAKEPI_EXPORT int scandir(const char* path, dirent*** result, int (*filter)(const dirent*),
                          int (*compare)(const dirent**, const dirent**)) {
  static auto* const function = real::next<decltype(scandir)>("scandir");
  if (!isListed(path)) return function(path, result, filter, compare);
  return scanListing(path, result, filter, compare, "readdir", &Listing::entry);
}
FAKEPI_EXPORT int scandir64(const char* path, dirent64*** result, int (*filter)(const dirent64*),
                            int (*compare)(const dirent64**, const dirent64**)) {
  static auto* const function = real::next<decltype(scandir64)>("scandir64");
  if (!isListed(path)) return function(path, result, filter, compare);
  return scanListing(path, result, filter, compare, "readdir64", &Listing::entry64);
}

FAKEPI_EXPORT FILE* fopen(const char* path, const char* mode) {
  static auto* const function = real::next<FILE*(const char*, const char*)>("fopen");
  return isNodeEvent(path) ? openNodeEvent() : function(path, mode);
}
FAKEPI_EXPORT FILE* fopen64(const char* path, const char* mode) {
  static auto* const function = real::next<FILE*(const char*, const char*)>("fopen64");
  return isNodeEvent(path) ? openNodeEvent() : function(path, mode);
}
