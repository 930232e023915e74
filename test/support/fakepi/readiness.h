#pragma once

#include "real.h"

namespace fakepi {

// The file descriptor a program gets for an open of the encoder: one end of a socket pair, so that
// poll, select and epoll see "readable" and "writable" from the kernel, each by itself. Readable is
// a byte sent to it; not writable is its way back filled up. Priority events have an fd of their
// own, which this object's poll() adds: a local socket cannot tell them from readable.
class Readiness {
 public:
  // Without a valid user's end, errno says why.
  explicit Readiness(int openFlags);

  // The caller owns it from then on; it may be dup'ed, passed on and closed by any means.
  int takeUserFd() { return user_.release(); }
  // Of the user's end, through all dups.
  ino_t inode() const { return inode_; }
  int priorityFd() const { return priority_.get(); }

  // May be called by any thread, as it takes nothing back.
  void raise(bool readable, bool writable);
  // Exactly so; `userFd` is any descriptor of the user's end, held open by the call being answered.
  void set(bool readable, bool writable, int userFd);
  void setPriority(bool pending);

  // Every descriptor of the user's end is closed.
  bool abandoned() const;

 private:
  real::Fd user_;
  real::Fd own_;
  real::Fd priority_;
  ino_t inode_ = 0;
  bool readable_ = false;
  bool writable_ = true;
  bool pending_ = false;
};

}  // namespace fakepi
