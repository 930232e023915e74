// Keeping time with other cameras. No camera here offers it, so one is described that does; that
// the others refuse it is part of a source's contract.
#include <doctest/doctest.h>
#include <libcamera/controls.h>
#include <libcamera/version.h>

#include "camera/libcamera_controls.h"
#include "support/error.h"

namespace pimon {

namespace {

constexpr unsigned kId = 20'009;  // any that is not taken

#if LIBCAMERA_VERSION_MAJOR > 0 || LIBCAMERA_VERSION_MINOR >= 4
const libcamera::ControlId& syncMode() {
  static const libcamera::ControlId id(kId, "SyncMode", "rpi", libcamera::ControlTypeInteger32,
                                       libcamera::ControlId::Direction::In);
  return id;
}
#else
const libcamera::ControlId& syncMode() {
  static const libcamera::ControlId id(kId, "SyncMode", libcamera::ControlTypeInteger32);
  return id;
}
#endif

const libcamera::ControlInfoMap& offered() {
  static const libcamera::ControlIdMap ids{{kId, &syncMode()}};
  static const libcamera::ControlInfoMap map(
      libcamera::ControlInfoMap::Map{{&syncMode(), libcamera::ControlInfo(0, 2, 0)}}, ids);
  return map;
}

std::string refusal(LibcameraControls& controls, CameraSync sync) {
  try {
    controls.setSync(sync);
  } catch (const Error& error) {
    return error.code() + " " + error.field();
  }
  return "none";
}

}  // namespace

TEST_SUITE("libcamera's SyncMode") {
  TEST_CASE("is set for the start of a camera that offers it, by libcamera's number") {
    LibcameraControls controls;
    controls.offer(offered());
    for (const auto& [sync, number] :
         {std::pair{CameraSync::Server, 1}, {CameraSync::Client, 2}, {CameraSync::Off, 0}}) {
      controls.setSync(sync);
      const libcamera::ControlList list = controls.takeAll();
      REQUIRE(list.contains(kId));
      CHECK(list.get(kId).get<int32_t>() == number);
    }
    CHECK(controls.list().empty());  // it is the configuration's, not a control to play with
  }

  TEST_CASE("is refused where it is not offered") {
    LibcameraControls controls;
    CHECK(refusal(controls, CameraSync::Off) == "none");
    CHECK(refusal(controls, CameraSync::Server) == "invalid-value camera.sync");
    CHECK(refusal(controls, CameraSync::Client) == "invalid-value camera.sync");
  }
}

}  // namespace pimon
