// Live video as a reader not written here takes it: libavformat and libavcodec.
#include "live/live_muxer.h"

#include <doctest/doctest.h>

#include <fstream>

#include "helpers/decoder.h"
#include "helpers/encoded.h"
#include "helpers/stub_packets.h"
#include "helpers/temp_folder.h"
#include "helpers/video_file.h"

namespace pimon {

namespace {

constexpr size_t kHeader = 24;

std::vector<LiveMessage> messagesOf(const StreamFormat& format,
                                    const std::vector<PacketPtr>& packets) {
  LiveMuxer muxer(format);
  std::vector<LiveMessage> all;
  for (const PacketPtr& packet : packets) {
    for (LiveMessage& message : muxer.add(*packet)) all.push_back(std::move(message));
  }
  return all;
}

// What a viewer has who appends every payload to a file.
VideoFile joined(const std::vector<LiveMessage>& messages) {
  const TempFolder folder;
  const std::string path = folder.file("live.mp4");
  std::ofstream file(path, std::ios::binary);
  for (const LiveMessage& message : messages) {
    file.write(reinterpret_cast<const char*>(message.bytes.data()) + kHeader,
               static_cast<std::streamsize>(message.bytes.size() - kHeader));
  }
  file.close();
  return readVideo(path);
}

}  // namespace

TEST_SUITE("live muxer") {
  TEST_CASE("an init, then each frame in a fragment of its own, with the sensor's time") {
    Painter painter({640, 360}, PixelFormat::Yuv420, 30);
    const std::vector<PacketPtr> packets =
        encode(painter, 40, [](Painter& from) { return from.next(); });
    const std::vector<LiveMessage> messages = messagesOf(painter.format(), packets);
    REQUIRE(messages.size() == 41);
    CHECK(messages[0].type == MessageType::Mp4Init);
    CHECK(messages[0].bytes[0] == 2);
    for (size_t i = 0; i < packets.size(); ++i) {
      const LiveMessage& message = messages[i + 1];
      CHECK(message.type == MessageType::Mp4Fragment);
      CHECK(message.key == packets[i]->key);
      CHECK(message.bytes[0] == 3);
      CHECK(message.bytes[1] == (packets[i]->key ? 1 : 0));
      CHECK(message.bytes[4] == (packets[i]->info.sequence & 0xff));
    }

    const VideoFile video = joined(messages);
    REQUIRE(video.frames.size() == 40);
    const std::vector<Decoded> pictures = decode(video);
    REQUIRE(pictures.size() == 40);
    for (size_t i = 0; i < packets.size(); ++i) {
      CHECK(pictures[i].stamp == stampOf(packets[i]->info));
      CHECK(video.frames[i].ptsUs == packets[i]->info.sensorNs / 1000);
      CHECK(video.frames[i].key == packets[i]->key);
    }
    CHECK(pictures[0].space == AVCOL_SPC_BT709);
  }

  TEST_CASE("one who begins at any keyframe, or goes on at one, decodes all from there") {
    Painter painter({320, 180}, PixelFormat::Yuv420, 30);
    const std::vector<PacketPtr> packets =
        encode(painter, 100, [](Painter& from) { return from.next(); });
    const std::vector<LiveMessage> messages = messagesOf(painter.format(), packets);
    std::vector<LiveMessage> late{messages[0]};
    for (size_t i = 1; i < messages.size(); ++i) {
      const bool skipped = i <= 30 || (i > 50 && i <= 60);
      if (!skipped) late.push_back(messages[i]);
    }
    CHECK(late[1].key);
    CHECK(messages[61].key);
    const std::vector<Decoded> pictures = decode(joined(late));
    CHECK(pictures.size() == late.size() - 1);
    CHECK(pictures.back().stamp == stampOf(packets.back()->info));
  }

  TEST_CASE("nothing comes before the first keyframe, and an init again when its contents change") {
    LiveMuxer muxer(stubFormat());
    CHECK(muxer.add(*stubPacket(1, 10)).empty());
    CHECK(muxer.add(*stubPacket(10, 10)).size() == 2);
    CHECK(muxer.add(*stubPacket(11, 10)).size() == 1);
    CHECK(muxer.add(*stubPacket(20, 10)).size() == 1);
    auto other = std::make_shared<Packet>(*stubPacket(30, 10));
    other->data[6] ^= 1;  // in the SPS
    const std::vector<LiveMessage> messages = muxer.add(*other);
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].type == MessageType::Mp4Init);
    CHECK(messages[1].key);
  }
}

}  // namespace pimon
