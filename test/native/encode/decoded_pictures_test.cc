#include "encode/decoded_pictures.h"

#include <doctest/doctest.h>

#include <fstream>

#include "helpers/encoded.h"
#include "helpers/temp_folder.h"

namespace pimon {

namespace {

void write(const std::string& path, const std::vector<PacketPtr>& packets) {
  std::ofstream file(path, std::ios::binary);
  for (const PacketPtr& packet : packets) {
    file.write(reinterpret_cast<const char*>(packet->data.data()),
               static_cast<std::streamsize>(packet->data.size()));
  }
}

}  // namespace

TEST_SUITE("decoded pictures") {
  TEST_CASE("those that decode are counted, damaged and missing ones are not") {
    const TempFolder folder;
    const std::string path = folder.file("a.h264");
    Painter painter({320, 180}, PixelFormat::Yuv420, 30);
    std::vector<PacketPtr> packets = encode(painter, 12, [](Painter& from) { return from.next(); });
    write(path, packets);
    CHECK(decodedPictures(path) == 12);

    auto damaged = std::make_shared<Packet>(*packets.back());
    damaged->data.resize(damaged->data.size() / 3);
    packets.back() = damaged;
    write(path, packets);
    CHECK(decodedPictures(path) == 11);

    packets.erase(packets.begin());  // the keyframe, without which there is nothing
    write(path, packets);
    CHECK(decodedPictures(path) == 0);
    write(path, {});
    CHECK(decodedPictures(path) == 0);
    CHECK_THROWS(decodedPictures(folder.file("none.h264")));
  }
}

}  // namespace pimon
