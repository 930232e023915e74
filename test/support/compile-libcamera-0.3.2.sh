#!/usr/bin/env bash
# Compiles the libcamera source against libcamera 0.3.2's headers, the oldest that pi-monitor
# builds with, without making anything. Silent and 0 when all is well.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
include=$("$root/test/support/libcamera-0.3.2-headers.sh")
failed=0
for file in "$root"/native/camera/libcamera_*.cc; do
  "${CXX:-g++}" -std=c++20 -fsyntax-only -Wall -Wextra -Werror \
    -I "$root/native" -isystem "$include" "$file" || failed=1
done
exit "$failed"
