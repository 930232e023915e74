#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "session.h"

namespace {

struct Row {
  uint32_t id;
  uint32_t type;
  int32_t minimum, maximum, step, preset;
};

constexpr uint32_t integer = V4L2_CTRL_TYPE_INTEGER;
constexpr uint32_t menu = V4L2_CTRL_TYPE_MENU;

const std::vector<Row> table{
    {V4L2_CID_MPEG_VIDEO_BITRATE_MODE, menu, 0, 1, 1, V4L2_MPEG_VIDEO_BITRATE_MODE_VBR},
    {V4L2_CID_MPEG_VIDEO_BITRATE, integer, 25'000, 25'000'000, 25'000, 10'000'000},
    {V4L2_CID_MPEG_VIDEO_HEADER_MODE, menu, 0, 1, 1,
     V4L2_MPEG_VIDEO_HEADER_MODE_JOINED_WITH_1ST_FRAME},
    {V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, V4L2_CTRL_TYPE_BOOLEAN, 0, 1, 1, 0},
    {V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, V4L2_CTRL_TYPE_BUTTON, 0, 0, 0, 0},
    {V4L2_CID_MPEG_VIDEO_H264_MIN_QP, integer, 0, 51, 1, 20},
    {V4L2_CID_MPEG_VIDEO_H264_MAX_QP, integer, 0, 51, 1, 51},
    {V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, integer, 0, 0x7fffffff, 1, 60},
    {V4L2_CID_MPEG_VIDEO_H264_LEVEL, menu, V4L2_MPEG_VIDEO_H264_LEVEL_1_0,
     V4L2_MPEG_VIDEO_H264_LEVEL_5_1, 1, V4L2_MPEG_VIDEO_H264_LEVEL_4_0},
    {V4L2_CID_MPEG_VIDEO_H264_PROFILE, menu, 0, 4, 1, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH},
    {V4L2_CID_MPEG_VIDEO_B_FRAMES, integer, 0, 0, 1, 0},
};

int setExtended(const Node& node, uint32_t which, std::vector<v4l2_ext_control> controls,
                uint32_t* errorIndex = nullptr, unsigned long request = VIDIOC_S_EXT_CTRLS) {
  v4l2_ext_controls list{};
  list.which = which;
  list.count = static_cast<uint32_t>(controls.size());
  list.controls = controls.data();
  const int error = node.call(request, &list);
  if (errorIndex != nullptr) *errorIndex = list.error_idx;
  return error;
}

v4l2_ext_control extended(uint32_t id, int32_t value) {
  v4l2_ext_control control{};
  control.id = id;
  control.value = value;
  return control;
}

}  // namespace

TEST_CASE("3: the table of controls: ranges, steps and defaults") {
  const Node node;
  for (const Row& row : table) {
    v4l2_queryctrl query{};
    query.id = row.id;
    REQUIRE(node.call(VIDIOC_QUERYCTRL, &query) == 0);
    CHECK(query.type == row.type);
    CHECK(query.minimum == row.minimum);
    CHECK(query.maximum == row.maximum);
    CHECK(query.step == row.step);
    CHECK(query.default_value == row.preset);
    v4l2_query_ext_ctrl wide{};
    wide.id = row.id;
    REQUIRE(node.call(VIDIOC_QUERY_EXT_CTRL, &wide) == 0);
    CHECK(wide.maximum == row.maximum);
    if (row.type != V4L2_CTRL_TYPE_BUTTON) CHECK(node.control(row.id) == row.preset);
  }
}

TEST_CASE("3: NEXT_CTRL lists them in the order of their ids, after the class's heading") {
  const Node node;
  v4l2_queryctrl query{};
  query.id = V4L2_CTRL_FLAG_NEXT_CTRL;
  std::vector<uint32_t> ids;
  while (node.call(VIDIOC_QUERYCTRL, &query) == 0) {
    if (!ids.empty()) CHECK(query.id > ids.back());
    ids.push_back(query.id);
    query.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
  }
  CHECK(ids.size() == table.size() + 2);  // and the heading and GOP_SIZE
  CHECK(ids.front() == V4L2_CID_CODEC_CLASS);
}

TEST_CASE("3: FORCE_KEY_FRAME is a button, write only") {
  const Node node;
  v4l2_queryctrl query{};
  query.id = V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME;
  REQUIRE(node.call(VIDIOC_QUERYCTRL, &query) == 0);
  CHECK((query.flags & V4L2_CTRL_FLAG_WRITE_ONLY) != 0);
  v4l2_control control{V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, 0};
  CHECK(node.call(VIDIOC_G_CTRL, &control) == EACCES);
  CHECK(node.call(VIDIOC_S_CTRL, &control) == 0);
}

TEST_CASE("3: menus name their items; item 3 of H264_PROFILE is masked") {
  const Node node;
  std::string names;
  for (uint32_t index = 0; index < 6; ++index) {
    v4l2_querymenu item{};
    item.id = V4L2_CID_MPEG_VIDEO_H264_PROFILE;
    item.index = index;
    const int error = node.call(VIDIOC_QUERYMENU, &item);
    CHECK(error == (index == 3 || index == 5 ? EINVAL : 0));
    if (error == 0) names += std::string(reinterpret_cast<char*>(item.name)) + ";";
  }
  CHECK(names == "Baseline;Constrained Baseline;Main;High;");
}

TEST_CASE("3: integers out of range are clamped and rounded with success") {
  const Node node;
  const auto becomes = [&](uint32_t id, int32_t value) {
    REQUIRE(node.setControl(id, value) == 0);
    return node.control(id);
  };
  CHECK(becomes(V4L2_CID_MPEG_VIDEO_BITRATE, 90'000'000) == 25'000'000);
  CHECK(becomes(V4L2_CID_MPEG_VIDEO_BITRATE, 1) == 25'000);
  CHECK(becomes(V4L2_CID_MPEG_VIDEO_BITRATE, 1'010'000) == 1'000'000);
  CHECK(becomes(V4L2_CID_MPEG_VIDEO_BITRATE, 1'020'000) == 1'025'000);
  CHECK(becomes(V4L2_CID_MPEG_VIDEO_H264_MAX_QP, 99) == 51);
  CHECK(becomes(V4L2_CID_MPEG_VIDEO_B_FRAMES, 2) == 0);
  CHECK(becomes(V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, 7) == 1);
}

TEST_CASE("3: menus out of range are ERANGE, masked items and unknown ids EINVAL") {
  const Node node;
  CHECK(node.setControl(V4L2_CID_MPEG_VIDEO_H264_LEVEL, 16) == ERANGE);
  CHECK(node.setControl(V4L2_CID_MPEG_VIDEO_BITRATE_MODE, -1) == ERANGE);
  CHECK(node.setControl(V4L2_CID_MPEG_VIDEO_H264_PROFILE, V4L2_MPEG_VIDEO_H264_PROFILE_EXTENDED) ==
        EINVAL);
  CHECK(node.setControl(V4L2_CID_BRIGHTNESS, 0) == EINVAL);
}

TEST_CASE("3: FRAME_RC_ENABLE and AU_DELIMITER are absent: EINVAL") {
  const Node node;
  CHECK(node.setControl(V4L2_CID_MPEG_VIDEO_FRAME_RC_ENABLE, 1) == EINVAL);
  CHECK(node.setControl(V4L2_CID_MPEG_VIDEO_AU_DELIMITER, 1) == EINVAL);
}

TEST_CASE("3: GOP_SIZE is on newer kernels only, and follows H264_I_PERIOD") {
  const Node node;
  REQUIRE(node.setControl(V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 25) == 0);
  CHECK(node.control(V4L2_CID_MPEG_VIDEO_GOP_SIZE) == 25);
  for (const char* fault : {"NO_GOP_SIZE", "OLD_KERNEL"}) {
    Fault absent(fault, "1");
    CHECK(Node().setControl(V4L2_CID_MPEG_VIDEO_GOP_SIZE, 30) == EINVAL);
    CHECK(Node().setControl(V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 30) == 0);
  }
}

TEST_CASE("8: G/S/TRY_EXT_CTRLS set all or nothing, and TRY tells which one it was") {
  const Node node;
  const uint32_t bitrate = V4L2_CID_MPEG_VIDEO_BITRATE;
  const uint32_t level = V4L2_CID_MPEG_VIDEO_H264_LEVEL;
  CHECK(setExtended(node, V4L2_CTRL_CLASS_CODEC, {extended(bitrate, 2'000'000)}) == 0);
  CHECK(node.control(bitrate) == 2'000'000);
  uint32_t index = 0;
  const std::vector<v4l2_ext_control> bad{extended(bitrate, 3'000'000), extended(level, 99)};
  CHECK(setExtended(node, 0, bad, &index) == ERANGE);
  CHECK(index == 2);
  CHECK(node.control(bitrate) == 2'000'000);
  CHECK(setExtended(node, 0, bad, &index, VIDIOC_TRY_EXT_CTRLS) == ERANGE);
  CHECK(index == 1);
  CHECK(setExtended(node, V4L2_CTRL_CLASS_USER, {}) == EINVAL);
  CHECK(setExtended(node, V4L2_CTRL_WHICH_DEF_VAL, {extended(bitrate, 0)}) == EINVAL);
}
