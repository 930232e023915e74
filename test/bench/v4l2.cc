// What the Pi's encoder costs beside the device itself, and whether it leaves anything behind. Run
// it with the emulator preloaded (test/support/fakepi).
//
//   v4l2_bench cost SECONDS    frames at 1080p30 in contiguous memory: CPU of submit and of the
//                              encoder's thread, bytes copied
//   v4l2_bench soak FRAMES     small frames as fast as they go, faults as the environment says
// Prints JSON.

#include <dlfcn.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "encode/v4l2_encoder.h"
#include "encode/v4l2_node.h"
#include "support/clock.h"
#include "support/dma_heap.h"
#include "support/mapping.h"

namespace {

using namespace pimon;
using namespace std::chrono_literals;

constexpr int kBuffers = 6;

double threadCpuMs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// Counts what comes out; the last call tells the CPU of the encoder's thread so far.
class Counter final : public PacketListener {
 public:
  void onPacket(PacketPtr packet) noexcept override {
    ++packets;
    lost += packet->lostBefore.total();
    cpuMs = threadCpuMs();
  }
  void onEncoderError(const Error& error) noexcept override {
    std::fprintf(stderr, "%s\n", error.what());
    failed = true;
  }

  std::atomic<uint64_t> packets = 0;
  std::atomic<uint64_t> lost = 0;
  std::atomic<double> cpuMs = 0;
  std::atomic<bool> failed = false;
};

// Frames in contiguous memory, each filled once.
class Frames {
 public:
  Frames(Size size, double fps)
      : format_{
            .size = size, .fps = fps, .preview = {}, .stride = size.width, .buffers = kBuffers} {
    const size_t luma = static_cast<size_t>(size.width) * size.height;
    const DmaHeap heap;
    for (int i = 0; i < kBuffers; ++i) {
      fds_.push_back(heap.allocate(luma * 3 / 2));
      memory_.emplace_back(fds_[i].get(), luma * 3 / 2, PROT_READ | PROT_WRITE);
      std::memset(memory_[i].bytes().data(), 60 + 20 * i, luma * 3 / 2);
    }
  }

  const StreamFormat& format() const { return format_; }
  int out() const { return *out_; }

  // The frame in buffer `sequence` modulo their number, or none while somebody has it.
  FramePtr at(uint64_t sequence) {
    const auto index = static_cast<int>(sequence % kBuffers);
    if (busy_[index].load()) return nullptr;
    busy_[index] = true;
    ++*out_;
    auto frame = std::make_unique<Frame>();
    frame->info.sequence = sequence;
    frame->info.sensorNs = static_cast<int64_t>(static_cast<double>(sequence) * 1e9 / format_.fps);
    frame->bufferIndex = index;
    frame->dmabufFd = fds_[index].get();
    uint8_t* data = memory_[index].bytes().data();
    const size_t luma = static_cast<size_t>(format_.size.width) * format_.size.height;
    const int half = format_.size.width / 2;
    frame->main = {.format = PixelFormat::Yuv420,
                   .width = format_.size.width,
                   .height = format_.size.height,
                   .planes = {Plane{data, format_.size.width}, Plane{data + luma, half},
                              Plane{data + luma * 5 / 4, half}}};
    return {frame.release(), [this, index](const Frame* last) {
              const std::unique_ptr<const Frame> dies(last);
              busy_[index] = false;
              --*out_;
            }};
  }

 private:
  StreamFormat format_;
  std::vector<UniqueFd> fds_;
  std::vector<Mapping> memory_;
  std::array<std::atomic<bool>, kBuffers> busy_{};
  std::shared_ptr<std::atomic<int>> out_ = std::make_shared<std::atomic<int>>(0);
};

int cost(int seconds) {
  Frames frames({1920, 1080}, 30);
  Counter counter;
  V4l2Encoder encoder(findEncoderNode().value().path, {});
  encoder.start(frames.format(), counter);
  double submitMs = 0;
  const int64_t beginning = monotonicNs();
  const uint64_t count = static_cast<uint64_t>(seconds) * 30;
  for (uint64_t i = 0; i < count; ++i) {
    const auto due = beginning + static_cast<int64_t>(static_cast<double>(i) * 1e9 / 30);
    std::this_thread::sleep_for(std::chrono::nanoseconds(due - monotonicNs()));
    FramePtr frame = frames.at(i);
    const double before = threadCpuMs();
    if (frame) encoder.submit(std::move(frame), {});
    submitMs += threadCpuMs() - before;
  }
  encoder.drain(1s);
  const uint64_t copied = encoder.report().bytesCopied;
  encoder.stop();
  const double coreMs = seconds * 1000.0;
  std::printf(
      "{\"packets\":%lu,\"lost\":%lu,\"submitPercent\":%.3f,\"encoderThreadPercent\":%.3f,"
      "\"bytesCopied\":%lu}\n",
      counter.packets.load(), counter.lost.load(), 100 * submitMs / coreMs,
      100 * counter.cpuMs / coreMs, copied);
  return 0;
}

int openFiles() {
  return static_cast<int>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

long residentKb() {
  std::ifstream status("/proc/self/statm");
  long pages = 0;
  status >> pages >> pages;
  return pages * 4;
}

int soak(uint64_t count) {
  Frames frames({320, 192}, 30);
  uint64_t submitted = 0;
  uint64_t lost = 0;
  Counter counter;
  const int filesBefore = openFiles();
  long early = 0;
  {
    V4l2Encoder encoder(findEncoderNode().value().path, {}, 100ms);
    encoder.start(frames.format(), counter);
    for (uint64_t i = 0; submitted < count && !counter.failed; ++i) {
      FramePtr frame;
      while (!(frame = frames.at(i)) && !counter.failed) std::this_thread::sleep_for(50us);
      while (frame && !counter.failed && encoder.submit(frame, {}) != Submitted::Yes) {
        std::this_thread::sleep_for(50us);
      }
      ++submitted;
      if (submitted == count / 10) early = residentKb();
    }
    lost = encoder.drain(1s).total();
    encoder.stop();
  }
  lost += counter.lost;
  std::printf(
      "{\"submitted\":%lu,\"packets\":%lu,\"lost\":%lu,\"framesOut\":%d,\"fdsLeft\":%d,"
      "\"residentGrewKb\":%ld,\"failed\":%s}\n",
      submitted, counter.packets.load(), lost, frames.out(), openFiles() - filesBefore,
      residentKb() - early, counter.failed ? "true" : "false");
  const bool whole = submitted == counter.packets + lost;
  return whole && frames.out() == 0 && openFiles() == filesBefore ? 0 : 1;
}

}  // namespace

int main(int count, char** argument) {
  try {
    if (count == 3 && std::strcmp(argument[1], "cost") == 0) return cost(std::atoi(argument[2]));
    if (count == 3 && std::strcmp(argument[1], "soak") == 0) {
      return soak(std::strtoull(argument[2], nullptr, 10));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "v4l2_bench: %s\n", error.what());
    return 1;
  }
  std::fputs("v4l2_bench cost SECONDS | soak FRAMES\n", stderr);
  return 2;
}
