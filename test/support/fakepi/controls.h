#pragma once

#include <linux/videodev2.h>

#include <cstdint>
#include <map>

// The encoder's controls, as the kernel's control framework answers for them. Functions named after
// ioctls answer with 0 or an errno.
namespace fakepi {

class Controls {
 public:
  Controls();

  int query(v4l2_queryctrl& query) const;
  int queryExt(v4l2_query_ext_ctrl& query) const;
  static int queryMenu(v4l2_querymenu& item);
  int get(v4l2_control& control) const;
  int set(v4l2_control& control);
  int getExt(v4l2_ext_controls& list) const;
  int tryExt(v4l2_ext_controls& list) const;
  int setExt(v4l2_ext_controls& list);

  int32_t value(uint32_t id) const { return values_.at(id); }
  // True once after FORCE_KEY_FRAME.
  bool takeKeyRequest();

 private:
  bool has(uint32_t id) const { return values_.count(id) != 0; }
  // Brings `value` into range, or says why it cannot be.
  int adjust(uint32_t id, int32_t& value) const;
  int check(v4l2_ext_controls& list, bool writing) const;
  void store(uint32_t id, int32_t value);

  std::map<uint32_t, int32_t> values_;
  bool keyRequested_ = false;
};

}  // namespace fakepi
