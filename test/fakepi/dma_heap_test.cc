#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "node.h"

TEST_CASE("4: /dev/dma_heap has vidbuf_cached, linux,cma and the system heap") {
  std::set<std::string> names;
  DIR* folder = opendir("/dev/dma_heap");
  REQUIRE(folder != nullptr);
  while (const dirent* entry = readdir(folder)) names.insert(entry->d_name);
  closedir(folder);
  CHECK(names == std::set<std::string>{"vidbuf_cached", "linux,cma", "system"});
  for (const std::string& name : names) {
    CHECK(access(("/dev/dma_heap/" + name).c_str(), R_OK) == 0);
    const HeapBuffer buffer = allocate(name, 100);
    REQUIRE(buffer.error == 0);
    CHECK(lseek(buffer.fd.get(), 0, SEEK_END) == 4096);
  }
  CHECK(allocate("reserved", 100).error == ENOENT);
}

TEST_CASE("4: a buffer can be mapped, dup'ed and synced: DMA_BUF_IOCTL_SYNC") {
  const HeapBuffer buffer = allocate("vidbuf_cached", 8192);
  REQUIRE(buffer.error == 0);
  void* data = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd.get(), 0);
  REQUIRE(data != MAP_FAILED);
  munmap(data, 8192);
  const Fd copy(dup(buffer.fd.get()));
  dma_buf_sync sync{};
  sync.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ;
  CHECK(ioctl(copy.get(), DMA_BUF_IOCTL_SYNC, &sync) == 0);
  sync.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ;
  CHECK(ioctl(copy.get(), DMA_BUF_IOCTL_SYNC, &sync) == 0);
  CHECK(ftruncate(copy.get(), 4096) == -1);
}

TEST_CASE("5: DMA_BUF_IOCTL_SYNC is ENOTTY on a memfd") {
  const Fd plain(memfd_create("frame", MFD_CLOEXEC));
  dma_buf_sync sync{};
  sync.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ;
  CHECK(ioctl(plain.get(), DMA_BUF_IOCTL_SYNC, &sync) == -1);
  CHECK(errno == ENOTTY);
}

TEST_CASE("8: contiguous memory has a budget: ENOMEM beyond it, and freed memory counts again") {
  Fault budget("CMA", "1M");
  {
    const HeapBuffer first = allocate("linux,cma", 800 << 10);
    CHECK(first.error == 0);
    CHECK(allocate("vidbuf_cached", 800 << 10).error == ENOMEM);
    CHECK(allocate("system", 800 << 10).error == 0);
  }
  CHECK(allocate("vidbuf_cached", 800 << 10).error == 0);
}

TEST_CASE("8: memory that is only mapped counts as well") {
  Fault budget("CMA", "1M");
  HeapBuffer buffer = allocate("linux,cma", 800 << 10);
  void* data = mmap(nullptr, 800 << 10, PROT_READ, MAP_SHARED, buffer.fd.get(), 0);
  REQUIRE(data != MAP_FAILED);
  Fd{std::move(buffer.fd)};
  CHECK(allocate("linux,cma", 800 << 10).error == ENOMEM);
  munmap(data, 800 << 10);
  CHECK(allocate("linux,cma", 800 << 10).error == 0);
}
