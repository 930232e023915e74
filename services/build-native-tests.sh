#!/usr/bin/env bash
# Builds the addon's own test program, below build/test-native:
#
#   services/build-native-tests.sh [plain|asan|tsan …]
#
#   plain  as the addon is built; with the emulator of a Pi's encoder (build/test/libfakepi.so) and
#          its own test program
#   asan   with the address and undefined behaviour sanitizers (and the leak sanitizer in the first)
#   tsan   with the thread sanitizer; without codecs and libcamera, see test/native/CMakeLists.txt
#
# All three unless some are named. What has not changed is not compiled again. A libcamera outside
# the system's folders is found through PKG_CONFIG_PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -rA sanitizers=([plain]='' [asan]='address,undefined' [tsan]='thread')
declare -rA targets=([plain]='native_test fakepi fakepi_test' [asan]=native_test [tsan]=native_test)

kinds=("$@")
((${#kinds[@]})) || kinds=(plain asan tsan)
for kind in "${kinds[@]}"; do
  folder=build/test-native/$kind
  # Fresh, as CMake remembers where it found a libcamera.
  cmake --fresh --log-level=WARNING -S . -B "$folder" -G Ninja \
    -DPIMON_ADDON=OFF -DPIMON_TESTS=ON "-DPIMON_SANITIZE=${sanitizers[$kind]}"
  read -ra wanted <<<"${targets[$kind]}"
  cmake --build "$folder" --target "${wanted[@]}"
done
