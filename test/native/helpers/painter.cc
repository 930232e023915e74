#include "helpers/painter.h"

#include <fcntl.h>
#include <libyuv.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <deque>
#include <mutex>
#include <stdexcept>

#include "camera/stamp.h"
#include "helpers/eventually.h"
#include "support/clock.h"
#include "support/dma_heap.h"
#include "support/mapping.h"

namespace pimon {

namespace {

constexpr int kBuffers = 6;
// A Pi's camera rounds its rows up to this.
constexpr int kAlignment = 64;

// Never the width, so that one taken for the other shows.
int strideOf(Size size) { return (size.width / kAlignment + 2) * kAlignment; }

size_t bytesOf(Size size) { return static_cast<size_t>(strideOf(size)) * size.height * 3 / 2; }

Canvas canvasOn(uint8_t* memory, Size size) {
  const int stride = strideOf(size);
  const size_t luma = static_cast<size_t>(stride) * size.height;
  return {.width = size.width,
          .height = size.height,
          .y = {memory, stride},
          .u = {memory + luma, stride / 2},
          .v = {memory + luma + luma / 4, stride / 2}};
}

UniqueFd scattered(size_t bytes) {
  const UniqueFd heap(::open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC));
  dma_heap_allocation_data request{};
  request.len = bytes;
  request.fd_flags = O_RDWR | O_CLOEXEC;
  if (::ioctl(heap.get(), DMA_HEAP_IOCTL_ALLOC, &request) < 0) return {};
  return UniqueFd(static_cast<int>(request.fd));
}

UniqueFd plainFile(size_t bytes) {
  UniqueFd file(::memfd_create("no dma-buf", MFD_CLOEXEC));
  if (::ftruncate(file.get(), static_cast<off_t>(bytes)) < 0) return {};
  return file;
}

UniqueFd allocate(Memory memory, size_t bytes) {
  if (memory == Memory::PlainFile) return plainFile(bytes);
  return memory == Memory::Scattered ? scattered(bytes) : DmaHeap().allocate(bytes);
}

}  // namespace

// Memory for frames: an index of it, whose buffer is another frame's again once
// it is given back.
struct Painter::Pool {
  struct Buffer {
    std::vector<uint8_t> own;
    UniqueFd fd;
    Mapping shared;

    uint8_t* data() { return fd.valid() ? shared.bytes().data() : own.data(); }
  };

  Pool(Memory memory, size_t bytes) {
    for (int i = 0; i < kBuffers; ++i) {
      Buffer& buffer = buffers.emplace_back();
      if (memory == Memory::Private) {
        buffer.own.resize(bytes);
      } else {
        buffer.fd = allocate(memory, bytes);
        buffer.shared = Mapping(buffer.fd.get(), bytes, PROT_READ | PROT_WRITE);
      }
      free.push_back(i);
    }
  }

  // Waits for one.
  int take() {
    int index = -1;
    const bool came = eventually([&] {
      const std::lock_guard lock(mutex);
      if (free.empty()) return false;
      index = free.back();  // not in a circle, in which any next index would do
      free.pop_back();
      return true;
    });
    if (!came) throw std::runtime_error("Every frame of the painter stays out.");
    return index;
  }
  void giveBack(int index) {
    const std::lock_guard lock(mutex);
    free.push_back(index);
  }
  int out() {
    const std::lock_guard lock(mutex);
    return kBuffers - static_cast<int>(free.size());
  }

  std::deque<Buffer> buffers;
  std::mutex mutex;
  std::vector<int> free;
};

Painter::Painter(Size size, PixelFormat format, double fps, Memory memory)
    : format_{.size = size,
              .fps = fps,
              .pixelFormat = format,
              .colourSpace = ColourSpace::Rec709,
              .preview = {},
              .stride = strideOf(size),
              .buffers = kBuffers},
      pool_(std::make_shared<Pool>(memory, bytesOf(size))),
      scene_(size.width, size.height),
      beginningNs_(monotonicNs()) {}

int Painter::out() const { return pool_->out(); }

FramePtr Painter::next() { return nextLate(0); }

FramePtr Painter::nextLate(int64_t lateNs) {
  auto frame = std::make_unique<Frame>();
  const auto sinceBeginning = std::llround(static_cast<double>(sequence_) * 1e9 / format_.fps);
  frame->info.sequence = ++sequence_;
  frame->info.sensorNs = beginningNs_ + sinceBeginning + lateNs;
  frame->info.wallUs = wallUsAt(frame->info.sensorNs);
  frame->info.exposureUs = static_cast<int32_t>(1000 + sequence_);
  frame->info.gain = 1.5F;

  const Size size = format_.size;
  frame->bufferIndex = pool_->take();
  Pool::Buffer& buffer = pool_->buffers[frame->bufferIndex];
  frame->dmabufFd = buffer.fd.get();
  const Canvas canvas = canvasOn(buffer.data(), size);
  scene_.draw(canvas, static_cast<double>(sinceBeginning) / 1e9, 0);
  drawStamp(canvas, stampOf(frame->info));
  frame->main = {
      .format = format_.pixelFormat,
      .width = size.width,
      .height = size.height,
      .planes = {Plane{canvas.y.data, canvas.y.stride}, Plane{canvas.u.data, canvas.u.stride},
                 Plane{canvas.v.data, canvas.v.stride}}};
  if (format_.pixelFormat == PixelFormat::Nv12) {
    std::vector<uint8_t> interleaved(static_cast<size_t>(canvas.y.stride) * size.height / 2);
    libyuv::MergeUVPlane(canvas.u.data, canvas.u.stride, canvas.v.data, canvas.v.stride,
                         interleaved.data(), canvas.y.stride, size.width / 2, size.height / 2);
    std::copy(interleaved.begin(), interleaved.end(), canvas.u.data);
    frame->main.planes[1] = {canvas.u.data, canvas.y.stride};
    frame->main.planes[2] = {};
  }
  return {frame.release(), [pool = pool_](const Frame* last) {
            const std::unique_ptr<const Frame> dies(last);
            pool->giveBack(last->bufferIndex);
          }};
}

}  // namespace pimon
