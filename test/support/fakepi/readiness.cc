#include "readiness.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

namespace fakepi {

namespace {

void drain(int fd) {
  char bytes[4096];
  while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0) {
  }
}

void fill(int fd) {
  while (send(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
  }
}

}  // namespace

Readiness::Readiness(int openFlags) {
  int ends[2];
  const int flags = ((openFlags & O_NONBLOCK) != 0 ? SOCK_NONBLOCK : 0) |
                    ((openFlags & O_CLOEXEC) != 0 ? SOCK_CLOEXEC : 0);
  if (socketpair(AF_UNIX, SOCK_STREAM | flags, 0, ends) != 0) return;
  user_ = real::Fd(ends[0]);
  own_ = real::Fd(ends[1]);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  // The least the kernel allows: a handful of bytes fills it.
  const int smallest = 1;
  setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &smallest, sizeof(smallest));
  priority_ = real::Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  struct stat status;
  if (real::fstat(ends[0], &status) == 0) inode_ = status.st_ino;
}

void Readiness::raise(bool readable, bool writable) {
  if (readable && !readable_) send(own_.get(), "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (writable && !writable_) drain(own_.get());
  readable_ |= readable;
  writable_ |= writable;
}

void Readiness::set(bool readable, bool writable, int userFd) {
  if (readable_ && !readable) drain(userFd);
  if (writable_ && !writable) fill(userFd);
  readable_ &= readable;
  writable_ &= writable;
  raise(readable, writable);
}

void Readiness::setPriority(bool pending) {
  if (pending == pending_) return;
  pending_ = pending;
  eventfd_t count = 0;
  if (pending) {
    eventfd_write(priority_.get(), 1);
  } else {
    eventfd_read(priority_.get(), &count);
  }
}

bool Readiness::abandoned() const {
  pollfd end{own_.get(), 0, 0};
  const timespec now{0, 0};
  return real::ppoll(&end, 1, &now, nullptr) == 1 && (end.revents & POLLHUP) != 0;
}

}  // namespace fakepi
