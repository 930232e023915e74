#include "encode/contiguous_copies.h"

#include <linux/dma-buf.h>

#include <cstring>

#include "support/dma_heap.h"

namespace pimon {

namespace {

struct Rows {
  int bytes;  // of picture in each
  int count;
  int stride;  // where they lie
};

// The planes of a picture whose luma rows are `stride` bytes apart.
std::vector<Rows> planesOf(const Picture& picture, int stride) {
  const Rows luma{picture.width, picture.height, stride};
  if (picture.format == PixelFormat::Nv12) {
    return {luma, {picture.width, picture.height / 2, stride}};
  }
  const Rows chroma{picture.width / 2, picture.height / 2, stride / 2};
  return {luma, chroma, chroma};
}

}  // namespace

bool liesAs(const Picture& picture, int stride) {
  const uint8_t* expected = picture.planes[0].data;
  size_t i = 0;
  for (const Rows& rows : planesOf(picture, stride)) {
    const Plane& plane = picture.planes[i++];
    if (plane.data != expected || plane.stride != rows.stride) return false;
    expected += static_cast<ptrdiff_t>(rows.stride) * rows.count;
  }
  return true;
}

ContiguousCopies::ContiguousCopies(int count, size_t bytes) {
  const DmaHeap heap;
  if (!heap.valid()) {
    throw Error(
        "encoder-refused",
        "The hardware encoder needs contiguous memory, and this system has no heap of it "
        "(/dev/dma_heap/linux,cma) that this user may open: add the user to the video group.");
  }
  for (int i = 0; i < count; ++i) {
    UniqueFd fd = heap.allocate(bytes);
    if (!fd.valid()) {
      throw Error("encoder-refused",
                  "The contiguous memory (CMA) is used up: choose a smaller picture, or raise cma= "
                  "in /boot/firmware/config.txt.");
    }
    Mapping memory(fd.get(), bytes, PROT_READ | PROT_WRITE);
    buffers_.push_back({std::move(fd), std::move(memory)});
  }
}

size_t ContiguousCopies::copy(const Picture& picture, int index, int stride) {
  const Buffer& buffer = buffers_[index];
  synchroniseDmabuf(buffer.fd.get(), DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE);
  uint8_t* to = buffer.memory.bytes().data();
  size_t copied = 0;
  size_t i = 0;
  for (const Rows& rows : planesOf(picture, stride)) {
    const Plane& plane = picture.planes[i++];
    for (int row = 0; row < rows.count; ++row, to += rows.stride) {
      std::memcpy(to, plane.data + static_cast<ptrdiff_t>(row) * plane.stride, rows.bytes);
    }
    copied += static_cast<size_t>(rows.bytes) * rows.count;
  }
  synchroniseDmabuf(buffer.fd.get(), DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
  return copied;
}

}  // namespace pimon
