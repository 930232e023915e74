#!/usr/bin/env bash
# Does whatever stands between a fresh checkout and a command that runs; done steps are skipped.
#
#   services/setup.sh [run|test|lint|bench] [--dry-run]
#
# Steps: system packages (apt-get), node_modules (npm ci), the native addon, the TypeScript, the
# page. --dry-run only says what it would do. A build that was done leaves a mark below
# build/.set-up: a checksum of all it was made from. Called by `npm start` and its like, never by
# the units of an installed monitor.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=run
dry_run=0
readonly marks=build/.set-up
libcamera=none
say() { printf 'set-up: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# shellcheck source=services/system-packages.sh
source services/system-packages.sh
# shellcheck source=services/choose-libcamera.sh
source services/choose-libcamera.sh

main() {
  local argument
  for argument in "$@"; do
    case $argument in
      run | test | lint | bench) mode=$argument ;;
      --dry-run) dry_run=1 ;;
      *) fail "$argument is not known. Usage: setup.sh [run|test|lint|bench] [--dry-run]" ;;
    esac
  done
  check_machine
  ((dry_run)) || one_at_a_time
  install_packages
  install_node_modules
  choose_libcamera
  build native "$(checksum_of native CMakeLists.txt package-lock.json /etc/os-release) $libcamera"
  build server "$(checksum_of src test tsconfig.json package-lock.json)"
  build page "$(checksum_of web src tsconfig.json package-lock.json)"
  [[ $mode != test ]] ||
    build native_tests "$(checksum_of native test/native test/fakepi test/support/fakepi \
      CMakeLists.txt /etc/os-release) $libcamera"
  [[ $mode != bench ]] ||
    build bench "$(checksum_of native test/bench test/support/fakepi CMakeLists.txt /etc/os-release)"
}

check_machine() {
  local version arch folder
  [[ $(uname -s) == Linux ]] || fail "pi-monitor records on Linux only; the browser may be anywhere."
  command -v node >/dev/null || fail "there is no Node here. $(how_to_get_node)"
  read -r version arch <<<"$(node -p 'process.versions.node + " " + process.arch')"
  [[ $version == 20.* || $version == 22.* ]] || fail "this is Node $version. $(how_to_get_node)"
  [[ $arch == x64 || $arch == arm64 ]] ||
    fail "this is a 32-bit system ($arch), and pi-monitor needs a 64-bit one. For a Raspberry Pi" \
      "that is \"Raspberry Pi OS (64-bit)\"."
  for folder in . build node_modules; do
    [[ ! -e $folder || -w $folder ]] ||
      fail "$(realpath "$folder") belongs to another user. Run this as that user, or take it over:" \
        "sudo chown -R $(id -un): $PWD"
  done
}

how_to_get_node() {
  echo "pi-monitor needs Node 20 or 22. Debian 13 and Raspberry Pi OS Trixie have it:" \
    "sudo apt-get install nodejs npm. Elsewhere take NodeSource's:" \
    "curl -fsSL https://deb.nodesource.com/setup_20.x | sudo -E bash - &&" \
    "sudo apt-get install nodejs"
}

# Two starts at once: the second waits, and finds everything done. The lock is file descriptor 8,
# and goes with this process.
one_at_a_time() {
  mkdir -p "$marks"
  exec 8>"$marks/lock"
  flock -n 8 && return
  say "another set-up is at work in this folder; waiting for it."
  flock 8
}

install_node_modules() {
  local state
  state=$(node services/node-modules.mjs)
  if [[ $state == differs ]]; then
    say "node_modules: npm ci, from the npm registry (about a minute)."
    ((dry_run)) && return
    # No package here needs its install script, and our own builds the addon: that comes next.
    npm ci --ignore-scripts --include=dev ||
      fail "npm ci failed. Is registry.npmjs.org within reach? Then start again."
    state=$(node services/node-modules.mjs)
  fi
  [[ $state == ok ]] && return
  say "node_modules: the registry has no uWebSockets.js for this machine; taking the author's," \
    "from GitHub."
  ((dry_run)) && return
  npm install --no-save --ignore-scripts --include=dev uNetworking/uWebSockets.js#v20.51.0 || true
  [[ $(node services/node-modules.mjs) == ok ]] ||
    fail "uWebSockets.js is missing or does not load. Are github.com within reach and git" \
      "installed? Then start again."
}

# One checksum of everything in the files and folders named.
checksum_of() {
  find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c -64
}

mark() { printf '%s\n' "$2" >"$marks/$1"; }
is_marked() { [[ -e $marks/$1 && $(<"$marks/$1") == "$2" ]]; }
# The native addon's mark is a checksum and the libcamera it was built with.
libcamera_of_last_build() { cut -d ' ' -f 2- "$marks/native" 2>/dev/null || true; }

# Builds the part $1 unless it was built from the same: $2 tells what it is made from.
build() {
  is_marked "$1" "$2" && [[ -e $(product_of "$1") ]] && return
  say "$(describe "$1")"
  ((dry_run)) && return
  rm -f "$marks/$1"
  "build_$1" || fail "that failed; its message is above. $(hint_without_apt)"
  mark "$1" "$2"
}

product_of() {
  case $1 in
    native) echo build/Release/pi_monitor.node ;;
    server) echo build/src/cli.js ;;
    page) echo build/web/monitor.html ;;
    native_tests) echo build/test-native/tsan/test/native/native_test ;;
    bench) echo build/bench-native/test/bench/floor ;;
  esac
}

describe() {
  case $1 in
    native) echo "building the native addon (one to five minutes; libcamera: $libcamera)" ;;
    server) echo "compiling the server" ;;
    page) echo "building the page" ;;
    bench) echo "building what the bench compares with" ;;
    native_tests) echo "building the native tests, also with sanitizers (five minutes or more)" ;;
  esac
}

build_native() {
  # CMake remembers where it found a libcamera.
  rm -f build/cmake/CMakeCache.txt
  with_libcamera env CMAKE_BUILD_PARALLEL_LEVEL="$(compilers_at_once)" npm run --silent install
}

# Runs a build so that it finds the libcamera of the tests, where that is the one.
with_libcamera() {
  local path=${PKG_CONFIG_PATH:-}
  [[ $libcamera != /* ]] || path=$libcamera/lib/pkgconfig${path:+:$path}
  PKG_CONFIG_PATH=$path "$@"
}

# A compiler takes up to 700 MB: a small Pi has room for fewer than it has cores.
compilers_at_once() {
  awk -v cores="$(nproc)" \
    '/^MemTotal:/ { n = int($2 / 700000); print n < 1 ? 1 : n < cores ? n : cores }' /proc/meminfo
}

build_server() {
  # What a removed source left behind would still be found by the test runner. Only what this step
  # makes: build/test holds the emulator as well.
  find build/src build/test \( -name '*.js' -o -name '*.js.map' \) -delete 2>/dev/null || true
  node_modules/.bin/tsc
}

build_page() { node web/build.mjs; }

build_bench() {
  cmake --log-level=WARNING -S . -B build/bench-native -G Ninja -DPIMON_ADDON=OFF -DPIMON_BENCH=ON &&
    CMAKE_BUILD_PARALLEL_LEVEL=$(compilers_at_once) \
      cmake --build build/bench-native --target floor v4l2_bench fakepi
}

build_native_tests() {
  with_libcamera env CMAKE_BUILD_PARALLEL_LEVEL="$(compilers_at_once)" \
    services/build-native-tests.sh
}

main "$@"
