#pragma once

#include <string>

namespace pimon {

// Sends one datagram to a Unix socket, as sd_notify(3) does to $NOTIFY_SOCKET, from the process
// itself, which is whom systemd expects it from. `path` with @ in front is an abstract name. Never
// blocks; false where nobody takes it.
bool notifySocket(const std::string& path, const std::string& message);

}  // namespace pimon
