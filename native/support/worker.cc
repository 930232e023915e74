#include "support/worker.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

namespace pimon {

namespace {

// A thread inherits the signal mask of the one that makes it: block, make, restore.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

void take(Priority priority) {
  if (priority == Priority::Normal) return;
  // On Linux niceness belongs to the thread, addressed by its kernel id.
  const auto tid = static_cast<id_t>(syscall(SYS_gettid));
  setpriority(PRIO_PROCESS, tid, getpriority(PRIO_PROCESS, tid) + static_cast<int>(priority));
}

}  // namespace

void Worker::start(const std::string& name, std::function<void()> body,
                   std::function<void(const Error&)> onError, Priority priority) {
  const SignalsBlocked guard;
  thread_ = std::thread([name, priority, body = std::move(body), onError = std::move(onError)] {
    pthread_setname_np(pthread_self(), name.c_str());
    take(priority);
    try {
      body();
    } catch (const Error& error) {
      onError(error);
    } catch (const std::exception& error) {
      onError(Error("internal", name + ": " + error.what()));
    }
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace pimon
