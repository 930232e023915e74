#pragma once

#include <linux/videodev2.h>

#include <cstdint>
#include <deque>

namespace fakepi {

// The events of one open; an encoder has the end of its stream to report. Functions answer with 0
// or an errno.
class Events {
 public:
  int subscribe(const v4l2_event_subscription& subscription);
  int unsubscribe(const v4l2_event_subscription& subscription);
  void reportEndOfStream();
  bool pending() const { return !waiting_.empty(); }
  // ENOENT where there is none.
  int take(v4l2_event& event);

 private:
  bool endOfStream_ = false;
  std::deque<v4l2_event> waiting_;
  uint32_t sequence_ = 0;
};

}  // namespace fakepi
