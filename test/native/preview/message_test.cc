#include "preview/message.h"

#include <doctest/doctest.h>

#include <vector>

namespace pimon {

TEST_SUITE("preview message") {
  TEST_CASE("it is a header of 24 bytes, little endian, and the payload") {
    FrameInfo info;
    info.sequence = 0x1'0403'0201;
    info.sensorNs = 0x1817161514131211;
    info.wallUs = 0x2827262524232221;
    const std::vector<uint8_t> payload{0xff, 0xd8, 0xff};
    const std::vector<uint8_t> wanted{
        1,    1,    24,   0,                             // type, flags, length
        0x01, 0x02, 0x03, 0x04,                          // sequence, 32 bits of it
        0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,  // sensor time
        0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,  // wall time
        0xff, 0xd8, 0xff,
    };
    CHECK(previewMessage(MessageType::Jpeg, true, info, payload) == wanted);
    const std::vector<uint8_t> fragment = previewMessage(MessageType::Mp4Fragment, false, info, {});
    CHECK(fragment.size() == 24);
    CHECK(fragment[0] == 3);
    CHECK(fragment[1] == 0);
  }
}

}  // namespace pimon
