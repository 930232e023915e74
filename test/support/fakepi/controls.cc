#include "controls.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "faults.h"
#include "stats.h"

namespace fakepi {

namespace {

constexpr std::array bitrateModes{"Variable Bitrate", "Constant Bitrate"};
constexpr std::array headerModes{"Separate Buffer", "Joined With 1st Frame"};
constexpr std::array levels{"1", "1b",  "1.1", "1.2", "1.3", "2",   "2.1", "2.2",
                            "3", "3.1", "3.2", "4",   "4.1", "4.2", "5",   "5.1"};
// Extended, the fourth, is masked.
constexpr std::array<const char*, 5> profiles{"Baseline", "Constrained Baseline", "Main", nullptr,
                                              "High"};

struct Description {
  uint32_t id;
  const char* name;
  uint32_t type;
  int32_t minimum, maximum, step, preset;
  const char* const* items = nullptr;
};

constexpr int32_t anyPeriod = 0x7fffffff;
constexpr uint32_t integer = V4L2_CTRL_TYPE_INTEGER;
constexpr uint32_t menu = V4L2_CTRL_TYPE_MENU;

// Sorted by id: that is the order in which they are listed. The first is the class's heading.
constexpr std::array table{
    Description{V4L2_CID_CODEC_CLASS, "Codec Controls", V4L2_CTRL_TYPE_CTRL_CLASS, 0, 0, 0, 0},
    Description{V4L2_CID_MPEG_VIDEO_B_FRAMES, "Video B Frames", integer, 0, 0, 1, 0},
    Description{V4L2_CID_MPEG_VIDEO_GOP_SIZE, "Video GOP Size", integer, 0, anyPeriod, 1, 60},
    Description{V4L2_CID_MPEG_VIDEO_BITRATE_MODE, "Video Bitrate Mode", menu, 0, 1, 0, 0,
                bitrateModes.data()},
    Description{V4L2_CID_MPEG_VIDEO_BITRATE, "Video Bitrate", integer, 25'000, 25'000'000, 25'000,
                10'000'000},
    Description{V4L2_CID_MPEG_VIDEO_HEADER_MODE, "Sequence Header Mode", menu, 0, 1, 0, 1,
                headerModes.data()},
    Description{V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, "Repeat Sequence Header",
                V4L2_CTRL_TYPE_BOOLEAN, 0, 1, 1, 0},
    Description{V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, "Force Key Frame", V4L2_CTRL_TYPE_BUTTON, 0, 0,
                0, 0},
    Description{V4L2_CID_MPEG_VIDEO_H264_MIN_QP, "H264 Minimum QP Value", integer, 0, 51, 1, 20},
    Description{V4L2_CID_MPEG_VIDEO_H264_MAX_QP, "H264 Maximum QP Value", integer, 0, 51, 1, 51},
    Description{V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, "H264 I-Frame Period", integer, 0, anyPeriod, 1,
                60},
    Description{V4L2_CID_MPEG_VIDEO_H264_LEVEL, "H264 Level", menu, 0, 15, 0,
                V4L2_MPEG_VIDEO_H264_LEVEL_4_0, levels.data()},
    Description{V4L2_CID_MPEG_VIDEO_H264_PROFILE, "H264 Profile", menu, 0, 4, 0,
                V4L2_MPEG_VIDEO_H264_PROFILE_HIGH, profiles.data()},
};

const Description* find(uint32_t id) {
  for (const Description& one : table) {
    if (one.id == id) return &one;
  }
  return nullptr;
}

uint32_t flagsOf(const Description& one) {
  if (one.type == V4L2_CTRL_TYPE_CTRL_CLASS) {
    return V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY;
  }
  if (one.type == V4L2_CTRL_TYPE_BUTTON) {
    return V4L2_CTRL_FLAG_WRITE_ONLY | V4L2_CTRL_FLAG_EXECUTE_ON_WRITE;
  }
  return one.id == V4L2_CID_MPEG_VIDEO_H264_I_PERIOD ? V4L2_CTRL_FLAG_UPDATE : 0;
}

}  // namespace

Controls::Controls() {
  for (const Description& one : table) values_[one.id] = one.preset;
  if (isSet(Fault::NoGopSize) || isSet(Fault::OldKernel)) {
    values_.erase(V4L2_CID_MPEG_VIDEO_GOP_SIZE);
  }
}

int Controls::queryExt(v4l2_query_ext_ctrl& query) const {
  constexpr uint32_t next = V4L2_CTRL_FLAG_NEXT_CTRL;
  // There are no compound controls to be listed.
  if ((query.id & V4L2_CTRL_FLAG_NEXT_COMPOUND) != 0 && (query.id & next) == 0) return EINVAL;
  const uint32_t id = query.id & V4L2_CTRL_ID_MASK;
  const auto found = (query.id & next) != 0 ? values_.upper_bound(id) : values_.find(id);
  if (found == values_.end()) return EINVAL;
  const Description& one = *find(found->first);
  query = {};
  query.id = one.id;
  query.type = one.type;
  std::snprintf(query.name, sizeof(query.name), "%s", one.name);
  query.minimum = one.minimum;
  query.maximum = one.maximum;
  query.step = one.type == menu ? 1 : static_cast<uint64_t>(one.step);
  query.default_value = one.preset;
  query.flags = flagsOf(one);
  query.elem_size = sizeof(int32_t);
  query.elems = 1;
  return 0;
}

int Controls::query(v4l2_queryctrl& query) const {
  v4l2_query_ext_ctrl all{};
  all.id = query.id;
  if (const int error = queryExt(all)) return error;
  query = {};
  query.id = all.id;
  query.type = all.type;
  std::memcpy(query.name, all.name, sizeof(query.name));
  query.minimum = static_cast<int32_t>(all.minimum);
  query.maximum = static_cast<int32_t>(all.maximum);
  query.step = static_cast<int32_t>(all.step);
  query.default_value = static_cast<int32_t>(all.default_value);
  query.flags = all.flags;
  return 0;
}

int Controls::queryMenu(v4l2_querymenu& item) {
  const Description* one = find(item.id);
  if (one == nullptr || one->items == nullptr) return EINVAL;
  if (item.index > static_cast<uint32_t>(one->maximum)) return EINVAL;
  const char* name = one->items[item.index];
  if (name == nullptr) return EINVAL;
  std::snprintf(reinterpret_cast<char*>(item.name), sizeof(item.name), "%s", name);
  item.reserved = 0;
  return 0;
}

int Controls::adjust(uint32_t id, int32_t& value) const {
  if (!has(id)) return EINVAL;
  const Description& one = *find(id);
  switch (one.type) {
    case V4L2_CTRL_TYPE_CTRL_CLASS:
      return EACCES;
    case V4L2_CTRL_TYPE_BUTTON:
      value = 0;
      return 0;
    case V4L2_CTRL_TYPE_BOOLEAN:
      value = value != 0;
      return 0;
    case V4L2_CTRL_TYPE_MENU:
      if (value < one.minimum || value > one.maximum) return ERANGE;
      return one.items[value] == nullptr ? EINVAL : 0;
    default: {
      const int64_t rounded = static_cast<int64_t>(value) + one.step / 2;
      const int64_t clamped = std::clamp<int64_t>(rounded, one.minimum, one.maximum);
      value = static_cast<int32_t>(one.minimum + (clamped - one.minimum) / one.step * one.step);
      return 0;
    }
  }
}

void Controls::store(uint32_t id, int32_t value) {
  if (id == V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME) {
    const bool lost = strikes(Fault::LoseKey);
    if (lost) ++stats().keys_lost;
    keyRequested_ |= !lost;
    return;
  }
  values_[id] = value;
  // The firmware has one period: what was first taken for an I period came to be the GOP's.
  if (id == V4L2_CID_MPEG_VIDEO_H264_I_PERIOD && has(V4L2_CID_MPEG_VIDEO_GOP_SIZE)) {
    values_[V4L2_CID_MPEG_VIDEO_GOP_SIZE] = value;
  }
}

bool Controls::takeKeyRequest() { return std::exchange(keyRequested_, false); }

int Controls::get(v4l2_control& control) const {
  if (!has(control.id)) return EINVAL;
  if ((flagsOf(*find(control.id)) & V4L2_CTRL_FLAG_WRITE_ONLY) != 0) return EACCES;
  control.value = value(control.id);
  return 0;
}

int Controls::set(v4l2_control& control) {
  if (const int error = adjust(control.id, control.value)) return error;
  store(control.id, control.value);
  return 0;
}

// Everything is checked before anything is set.
int Controls::check(v4l2_ext_controls& list, bool writing) const {
  const uint32_t which = list.which;
  list.error_idx = list.count;
  if (which != V4L2_CTRL_WHICH_CUR_VAL && which != V4L2_CTRL_WHICH_DEF_VAL &&
      which != V4L2_CTRL_CLASS_CODEC) {
    return EINVAL;
  }
  if (which == V4L2_CTRL_WHICH_DEF_VAL && writing) return EINVAL;
  for (uint32_t i = 0; i < list.count; ++i) {
    v4l2_ext_control& control = list.controls[i];
    int error = has(control.id) ? 0 : EINVAL;
    int32_t value = control.value;  // which the kernel's struct packs
    if (error == 0 && writing) error = adjust(control.id, value);
    control.value = value;
    if (error == 0 && !writing && (flagsOf(*find(control.id)) & V4L2_CTRL_FLAG_WRITE_ONLY) != 0) {
      error = EACCES;
    }
    if (error != 0) {
      list.error_idx = i;
      return error;
    }
  }
  return 0;
}

int Controls::getExt(v4l2_ext_controls& list) const {
  if (const int error = check(list, false)) {
    list.error_idx = list.count;
    return error;
  }
  for (uint32_t i = 0; i < list.count; ++i) {
    v4l2_ext_control& control = list.controls[i];
    const bool preset = list.which == V4L2_CTRL_WHICH_DEF_VAL;
    control.value = preset ? find(control.id)->preset : value(control.id);
  }
  return 0;
}

int Controls::tryExt(v4l2_ext_controls& list) const { return check(list, true); }

int Controls::setExt(v4l2_ext_controls& list) {
  if (const int error = check(list, true)) {
    // Which one it was is told by trying only.
    list.error_idx = list.count;
    return error;
  }
  for (uint32_t i = 0; i < list.count; ++i) store(list.controls[i].id, list.controls[i].value);
  return 0;
}

}  // namespace fakepi
