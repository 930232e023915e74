// What only libcamera's cameras do; the contract of a source runs over them as well.
#include <doctest/doctest.h>

#include "camera/cameras.h"
#include "helpers/sources.h"

namespace pimon {

namespace {

std::string refusal(const std::string& id) {
  try {
    openCamera(id);
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

}  // namespace

TEST_SUITE("libcamera") {
  TEST_CASE("a camera that is not there is camera-unknown, one that is open camera-busy") {
    CHECK(refusal("/no/such/camera") == "camera-unknown");
    for (const SourceCase& tested : sourceCases()) {
      if (tested.isSynthetic) continue;
      {
        const auto source = tested.open();
        CHECK(refusal(tested.id) == "camera-busy");
      }
      CHECK(refusal(tested.id) == "none");
    }
  }

  TEST_CASE("the list names every camera once, the synthetic one last") {
    const std::vector<CameraInfo> cameras = listCameras();
    CHECK(cameras.back().id == "synthetic");
    CHECK(cameras.back().source == "synthetic");
    for (size_t i = 0; i + 1 < cameras.size(); ++i) {
      CHECK(cameras[i].source == "libcamera");
      CHECK(cameras[i].id != cameras[i + 1].id);
    }
  }
}

}  // namespace pimon
