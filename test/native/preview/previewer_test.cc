#include "preview/previewer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>

#include "helpers/eventually.h"
#include "helpers/jpeg.h"
#include "helpers/painter.h"

namespace pimon {

namespace {

class PreviewLog final : public PreviewListener {
 public:
  void onPreview(PreviewMessage message) noexcept override {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  void onPlainPicture(SmallPicture picture, const FrameInfo& info) noexcept override {
    const std::lock_guard lock(mutex_);
    plain_.push_back({std::move(picture), info.sequence});
  }
  void onPreviewError(const Error& /*error*/) noexcept override {
    const std::lock_guard lock(mutex_);
    ++errors_;
  }

  // The sequence numbers of the pictures of a class.
  std::vector<uint32_t> sequences(int classId) const {
    const std::lock_guard lock(mutex_);
    std::vector<uint32_t> found;
    for (const PreviewMessage& message : messages_) {
      const std::vector<uint8_t>& b = message.bytes;
      if (message.classId == classId) found.push_back(b[4] | b[5] << 8 | b[6] << 16);
    }
    return found;
  }
  std::vector<std::pair<SmallPicture, uint64_t>> plain() const {
    const std::lock_guard lock(mutex_);
    return plain_;
  }
  int errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<PreviewMessage> messages_;
  std::vector<std::pair<SmallPicture, uint64_t>> plain_;
  int errors_ = 0;
};

struct Previewing {
  Previewing() { previewer.start(); }

  // Offers one frame at a time, each after the preview thread has let go of the one before.
  void offer(int frames) {
    for (int i = 0; i < frames; ++i) {
      previewer.offer(painter.next());
      CHECK(eventually([&] { return painter.out() == 0; }));
    }
  }

  Painter painter{{320, 180}, PixelFormat::Yuv420, 30};
  PreviewLog log;
  Previewer previewer{log};
};

}  // namespace

TEST_SUITE("previewer") {
  TEST_CASE("nobody watching, no frame is taken") {
    Previewing p;
    p.offer(5);
    CHECK(p.previewer.counts().encoded == 0);
    CHECK(p.previewer.counts().skipped == 0);
  }

  TEST_CASE("a class gets its rate, whatever the camera's") {
    Previewing p;
    p.previewer.setClasses({{.id = 1, .width = 160, .fps = 30},
                            {.id = 2, .width = 160, .fps = 10},
                            {.id = 3, .width = 160, .fps = 0.5}});
    p.offer(31);
    p.previewer.stop();
    CHECK(p.log.sequences(1).size() == 31);
    CHECK(p.log.sequences(2).size() == 11);
    CHECK(p.log.sequences(3).size() == 1);
  }

  TEST_CASE("pictures are handed on as they are, at their own rate, while they are wanted") {
    Previewing p;
    p.previewer.setPlain(PlainClass{.width = 160, .fps = 10});
    p.offer(31);
    p.previewer.setPlain({});
    p.offer(10);
    p.previewer.stop();
    const auto pictures = p.log.plain();
    REQUIRE(pictures.size() == 11);
    for (const auto& [picture, sequence] : pictures) {
      CHECK(picture.width == 160);
      CHECK(picture.height == 90);
      CHECK(sequence <= 31);
    }
    CHECK(p.previewer.counts().encoded == 0);
    CHECK(p.previewer.counts().skipped == 0);
  }

  TEST_CASE("a change of the other classes does not disturb one that stays") {
    Previewing p;
    p.previewer.setClasses({{.id = 1, .width = 160, .fps = 10}});
    p.offer(3);
    p.previewer.setClasses({{.id = 1, .width = 160, .fps = 10}, {.id = 2, .width = 64, .fps = 30}});
    p.offer(3);
    p.previewer.stop();
    CHECK(p.log.sequences(1) == std::vector<uint32_t>{1, 4});
    CHECK(p.log.sequences(2) == std::vector<uint32_t>{4, 5, 6});
  }

  TEST_CASE("while a JPEG takes long no frame is held but the newest, and the others are counted") {
    Previewing p;
    p.previewer.setClasses({{.id = 1, .width = 160, .fps = 30}});
    p.previewer.stall(300);
    p.offer(1);
    for (int i = 0; i < 10; ++i) p.previewer.offer(p.painter.next());
    CHECK(p.painter.out() <= 1);
    CHECK(eventually([&] { return p.log.sequences(1).size() == 2; }));
    CHECK(p.log.sequences(1) == std::vector<uint32_t>{1, 11});
    CHECK(p.previewer.counts().skipped == 9);
    CHECK(p.previewer.counts().encoded == 2);
  }

  TEST_CASE("a snapshot is the next frame in the size asked for, once") {
    Previewing p;
    std::atomic<int> answers = 0;
    std::vector<uint8_t> jpeg;
    p.offer(3);
    p.previewer.snapshot(200, 90, [&](std::vector<uint8_t> bytes) {
      jpeg = std::move(bytes);
      ++answers;
    });
    p.offer(3);
    CHECK(eventually([&] { return answers == 1; }));
    p.previewer.stop();
    CHECK(answers == 1);
    CHECK(p.previewer.counts().encoded == 1);
    const JpegPicture picture = readJpeg(jpeg);
    CHECK(picture.width == 200);
    CHECK(picture.height == 112);
    REQUIRE(picture.stamp);
    CHECK(picture.stamp->sequence == 4);
  }

  TEST_CASE(
      "a snapshot is always answered: with nothing when no frame comes, or it cannot be made") {
    Previewing p;
    std::atomic<int> empty = 0;
    const auto done = [&](const std::vector<uint8_t>& bytes) { empty += bytes.empty(); };
    p.previewer.snapshot(160, 75, done);
    p.previewer.forget();
    CHECK(empty == 1);
    p.previewer.snapshot(160, -1, done);  // a quality that TurboJPEG refuses
    p.offer(1);
    CHECK(eventually([&] { return empty == 2; }));
    CHECK(p.log.errors() == 1);
    p.previewer.snapshot(160, 75, done);
    p.previewer.stop();
    CHECK(empty == 3);
    p.previewer.snapshot(160, 75, done);
    CHECK(empty == 4);
  }

  TEST_CASE("a picture that cannot be made does not end the preview") {
    Previewing p;
    p.previewer.setClasses({{.id = 1, .width = 160, .fps = 30, .quality = -1}});
    p.offer(2);
    p.previewer.setClasses({{.id = 1, .width = 160, .fps = 30}});
    p.offer(2);
    p.previewer.stop();
    CHECK(p.log.errors() == 2);
    CHECK(p.log.sequences(1).size() == 2);
  }
}

}  // namespace pimon
