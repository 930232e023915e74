#!/usr/bin/env bash
# Builds a libcamera of its own, with nothing but its virtual camera, for the tests of machines
# whose system has no libcamera >= 0.5. Production never uses it.
#
#   services/build-test-libcamera.sh
#
# Prints the prefix it is installed in (standard output: that one line, all else is on standard
# error). PREFIX/lib/pkgconfig on PKG_CONFIG_PATH makes CMake find it; the cameras it offers are
# those of test/support/virtual-camera/virtual.yaml. Builds once, in
# ${XDG_CACHE_HOME:-~/.cache}/pi-monitor/libcamera-VERSION; a second call only looks.
#
# The source is Debian sid's; where sid cannot be reached, a libcamera_VERSION.orig.tar.gz in
# ../shared beside the checkout does.
set -euo pipefail

readonly minimum=0.7.0
readonly build_packages=(
  g++ meson ninja-build pkg-config openssl python3-jinja2 python3-yaml python3-ply
  libyaml-dev libgnutls28-dev libyuv-dev libevent-dev libudev-dev
)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pi-monitor

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "build-test-libcamera: $*"
  exit 1
}

# shellcheck source=services/apt.sh
source "$root/services/apt.sh"

# The newest complete build that is new enough, or nothing.
built() {
  local folder newest
  newest=$(for folder in "$cache"/libcamera-*/; do
    [[ -e $folder/.complete ]] && basename "$folder"
  done | sort -V | tail -n 1)
  if [[ -n $newest ]] && dpkg --compare-versions "${newest#libcamera-}" ge "$minimum"; then
    printf '%s\n' "$cache/$newest"
  fi
}

# libcamera reads its virtual cameras from here; a changed list needs no new build.
install_cameras() {
  local target=$1/share/libcamera/pipeline/virtual/virtual.yaml
  local source=$root/test/support/virtual-camera/virtual.yaml
  cmp -s "$source" "$target" || install -D -m 644 "$source" "$target"
}

install_build_packages() {
  local missing
  mapfile -t missing < <(missing_of "${build_packages[@]}")
  ((${#missing[@]})) || return 0
  say "Installing what libcamera is built with: ${missing[*]}"
  apt_install "${missing[@]}" >&2
}

# The source's tarball: sid's, else the copy beside the checkout.
find_source() {
  local work=$1 tarball
  say "Fetching libcamera's source from Debian sid"
  "$root/services/debian-fetch.sh" source sid libcamera "$work" ||
    say "Debian sid could not be reached."
  for tarball in "$work"/libcamera_*.orig.tar.* "$root"/../shared/libcamera_*.orig.tar.*; do
    if [[ -e $tarball ]] && dpkg --compare-versions "$(version_of "$tarball")" ge "$minimum"; then
      printf '%s\n' "$tarball"
      return
    fi
  done
  fail "no source of libcamera >= $minimum. Connect to the network and run this again."
}

# libcamera_0.7.2.orig.tar.gz -> 0.7.2
version_of() {
  local file
  file=$(basename "$1")
  file=${file#libcamera_}
  printf '%s\n' "${file%.orig.tar.*}"
}

build() {
  local tarball=$1 prefix=$2 work=$3 log=$3/build.log feature off=()
  for feature in cam documentation gstreamer lc-compliance libdw libunwind pycamera qcam tracing \
    v4l2; do
    off+=("-D$feature=disabled")
  done
  mkdir "$work/source"
  tar -xf "$tarball" -C "$work/source" --strip-components=1
  say "Building libcamera $(version_of "$tarball"), about 4 minutes on 2 cores (log: $log)"
  rm -rf "$prefix"
  # The system's Python has the modules that were installed; one found earlier on PATH may not.
  local PATH=/usr/sbin:/usr/bin:/sbin:/bin
  {
    meson setup "$work/build" "$work/source" --prefix="$prefix" --libdir=lib \
      --buildtype=release -Dwerror=false -Dpipelines=virtual -Dipas= -Dtest=false \
      -Dudev=enabled "${off[@]}" &&
      ninja -C "$work/build" &&
      meson install -C "$work/build" --no-rebuild
  } >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    cp "$log" "$cache/libcamera-build.log"
    fail "libcamera did not build; the end of its log is above, all of it in" \
      "$cache/libcamera-build.log."
  }
}

main() {
  mkdir -p "$cache"
  exec 9>"$cache/libcamera.lock"
  flock 9
  local prefix work tarball
  prefix=$(built)
  if [[ -z $prefix ]]; then
    install_build_packages
    work=$(mktemp -d "${TMPDIR:-/tmp}/pi-monitor-libcamera.XXXXXX")
    # shellcheck disable=SC2064 # the folder as it is named now
    trap "rm -rf '$work'" EXIT
    tarball=$(find_source "$work")
    prefix=$cache/libcamera-$(version_of "$tarball")
    build "$tarball" "$prefix" "$work"
    touch "$prefix/.complete"
  fi
  install_cameras "$prefix"
  printf '%s\n' "$prefix"
}

main "$@"
