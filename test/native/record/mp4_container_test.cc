// What is in the file, frame by frame, whenever one looks at it.
#include <doctest/doctest.h>

#include <filesystem>
#include <random>

#include "helpers/decoder.h"
#include "helpers/encoded.h"
#include "helpers/fragments.h"
#include "helpers/temp_folder.h"
#include "record/container.h"

namespace pimon {

namespace {

constexpr Size kSize{320, 180};
constexpr double kFps = 30;
constexpr int64_t kFrameUs = 33'333;
constexpr int64_t kFragmentUs = 500'000;
constexpr int kFrames = 90;

// Frames up to 8 ms late, as a busy camera gives them; the same for every test.
const std::vector<PacketPtr>& jitteredPackets() {
  static const std::vector<PacketPtr> packets = [] {
    Painter painter(kSize, PixelFormat::Yuv420, kFps);
    std::mt19937 random(7);
    return encode(painter, kFrames,
                  [&](Painter& p) { return p.nextLate(random() % 8'000 * 1'000); });
  }();
  return packets;
}

StreamFormat format() { return Painter(kSize, PixelFormat::Yuv420, kFps).format(); }

int64_t ptsOf(const std::vector<PacketPtr>& packets, size_t i) {
  return (packets[i]->info.sensorNs - packets[0]->info.sensorNs) / 1000;
}

std::string codeOf(const std::string& path) {
  try {
    makeMp4Container()->open(path, format());
  } catch (const Error& error) {
    return error.code();
  }
  return "taken";
}

}  // namespace

TEST_SUITE("MP4") {
  TEST_CASE("every frame is in the file with its picture, sensor time, duration and key flag") {
    const TempFolder folder;
    const std::vector<PacketPtr>& packets = jitteredPackets();
    const auto container = makeMp4Container();
    container->open(folder.file("a.mp4"), format());
    for (const PacketPtr& packet : packets) container->write(*packet);
    container->close();
    CHECK(container->bytes() == std::filesystem::file_size(folder.file("a.mp4")));

    const VideoFile file = readVideo(folder.file("a.mp4"));
    const std::vector<Decoded> pictures = decode(file);
    std::vector<Fragment::Sample> samples;
    for (const Fragment& fragment : readFragments(folder.file("a.mp4"))) {
      CHECK(fragment.decodeTime == ptsOf(packets, samples.size()));
      samples.insert(samples.end(), fragment.samples.begin(), fragment.samples.end());
    }
    REQUIRE(file.frames.size() == packets.size());
    REQUIRE(pictures.size() == packets.size());
    REQUIRE(samples.size() == packets.size());
    for (size_t i = 0; i < packets.size(); ++i) {
      CHECK(file.frames[i].ptsUs == ptsOf(packets, i));
      CHECK(file.frames[i].key == packets[i]->key);
      const bool last = i + 1 == packets.size();
      const int64_t duration = last ? kFrameUs : ptsOf(packets, i + 1) - ptsOf(packets, i);
      CHECK(samples[i].duration == duration);
      CHECK(samples[i].sync == packets[i]->key);
      CHECK(pictures[i].stamp == stampOf(packets[i]->info));
      CHECK(pictures[i].pts == file.frames[i].ptsUs);
    }
    CHECK(file.parameters->width == kSize.width);
    CHECK(file.parameters->height == kSize.height);
    CHECK(file.parameters->color_space == AVCOL_SPC_BT709);
    CHECK(file.parameters->color_range == AVCOL_RANGE_MPEG);
  }

  TEST_CASE("at no time are more than 0.5 s of frames missing from the file") {
    const TempFolder folder;
    const std::string path = folder.file("a.mp4");
    const std::vector<PacketPtr>& packets = jitteredPackets();
    const auto container = makeMp4Container();
    container->open(path, format());
    for (size_t i = 0; i < packets.size(); ++i) {
      container->write(*packets[i]);
      if (i % 4 != 0) continue;  // reading the file each time would take long
      const size_t readable = readVideo(path).frames.size();
      CHECK(ptsOf(packets, i) - (readable == 0 ? 0 : ptsOf(packets, readable - 1)) <=
            kFragmentUs + kFrameUs);
    }
    container->close();
  }

  TEST_CASE("a file cut anywhere decodes up to its last whole fragment") {
    const TempFolder folder;
    const std::vector<PacketPtr>& packets = jitteredPackets();
    const auto container = makeMp4Container();
    container->open(folder.file("whole.mp4"), format());
    // The frames that are whole once the file has so many bytes.
    std::vector<std::pair<uint64_t, size_t>> whole{{0, 0}};
    for (size_t i = 0; i < packets.size(); ++i) {
      container->write(*packets[i]);
      if (container->bytes() != whole.back().first) whole.emplace_back(container->bytes(), i);
    }
    container->close();
    whole.emplace_back(container->bytes(), packets.size());
    CHECK(whole.size() >= 6);

    const std::vector<Fragment> fragments = readFragments(folder.file("whole.mp4"));
    std::mt19937 random(3);
    std::vector<uint64_t> cuts{fragments[2].begin + 45, fragments[3].headerEnd + 1};
    for (const auto& [bytes, frames] : whole) cuts.push_back(bytes);
    for (int i = 0; i < 25; ++i) cuts.push_back(random() % container->bytes());
    for (const uint64_t cut : cuts) {
      CAPTURE(cut);
      const std::string path = folder.file("cut.mp4");
      std::filesystem::copy_file(folder.file("whole.mp4"), path,
                                 std::filesystem::copy_options::overwrite_existing);
      std::filesystem::resize_file(path, cut);
      size_t wholeFrames = 0;
      for (const auto& [bytes, frames] : whole) {
        if (bytes <= cut) wholeFrames = frames;
      }
      // A header that is cut keeps libavformat from opening what stands before it: off with it.
      for (const Fragment& fragment : fragments) {
        if (fragment.begin < cut && cut < fragment.headerEnd) {
          std::filesystem::resize_file(path, fragment.begin);
        }
      }
      VideoFile file = readVideo(path);
      REQUIRE(file.frames.size() >= wholeFrames);
      file.frames.resize(wholeFrames);
      const std::vector<Decoded> pictures = decode(file);
      REQUIRE(pictures.size() == wholeFrames);
      for (size_t i = 0; i < wholeFrames; ++i) {
        CHECK(pictures[i].stamp == stampOf(packets[i]->info));
        CHECK(pictures[i].pts == ptsOf(packets, i));
      }
    }
  }

  TEST_CASE("a keyframe without parameter sets is no beginning") {
    const TempFolder folder;
    Packet packet;
    packet.key = true;
    packet.data = {0, 0, 0, 1, 0x65, 1, 2, 3};
    const auto container = makeMp4Container();
    container->open(folder.file("a.mp4"), format());
    CHECK_THROWS_AS(container->write(packet), Error);
  }

  TEST_CASE("a file that exists is not touched, a folder that is missing is named") {
    const TempFolder folder;
    CHECK(codeOf(folder.file("a.mp4")) == "taken");
    CHECK(codeOf(folder.file("a.mp4")) == "name-invalid");
    CHECK(codeOf(folder.file("none/a.mp4")) == "disk-gone");
    CHECK(codeOf(folder.file("a.mp4/a.mp4")) == "disk-gone");
  }
}

}  // namespace pimon
