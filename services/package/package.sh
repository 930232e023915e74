#!/usr/bin/env bash
# Makes the Debian package for trixie, in a trixie root of its own; another architecture's by
# cross-building. `npm run package` builds server and page first.
#
#   services/package/package.sh [--arch amd64|arm64] [--version 1.2.3]
#
# Prints build/package/pi-monitor_VERSION_ARCH.deb; lintian has found no error in it. The version
# is package.json's. DEBFULLNAME and DEBEMAIL name who makes it. Takes root rights by sudo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

here=services/package
arch=$(dpkg --print-architecture)
version=$(node -p 'require("./package.json").version')

say() { printf 'package: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

main() {
  read_options "$@"
  # A root of another system takes root rights; the build before this needs none.
  ((EUID == 0)) ||
    exec sudo --preserve-env=DEBFULLNAME,DEBEMAIL -- "$PWD/$here/package.sh" "$@"
  local root sources package=pi-monitor_${version}_$arch.deb
  root=$("$here/build-root.sh" "$arch")
  exec 7<"$root"
  flock 7
  sources=$root/build/pi-monitor
  say "putting the sources together"
  rm -rf "$root/build"
  mkdir -p "$sources"
  put_together "$sources"
  say "building $package"
  build_package >"$root.build.log" 2>&1 || fail "that failed: $(tail -n 15 "$root.build.log")"
  say "examining it by lintian"
  in_root nice lintian --allow-root --fail-on=error "../$package" >&2 ||
    fail "lintian found errors; they are above."
  mkdir -p build/package
  cp "$root/build/$package" build/package/
  chown --reference=. build/package "build/package/$package"
  echo "build/package/$package"
}

read_options() {
  while (($#)); do
    case $1 in
      --arch) arch=${2:-} && shift ;;
      --version) version=${2:-} && shift ;;
      *) usage ;;
    esac
    shift || usage
  done
  [[ $arch == amd64 || $arch == arm64 ]] || usage
  [[ $version =~ ^[0-9][A-Za-z0-9.+~]*$ ]] || usage
}

usage() { fail "usage: package.sh [--arch amd64|arm64] [--version 1.2.3]"; }

# Fills the folder $1 with the sources as Debian's tools want them.
put_together() {
  git ls-files -z CMakeLists.txt native package.json LICENSE NOTICE README.md services |
    xargs -0 cp --parents --target-directory="$1"
  cp -r "$here/debian" "$1"
  mkdir -p "$1/build" "$1/node_modules"
  cp -r build/src build/web "$1/build"
  cp -r node_modules/node-addon-api "$1/node_modules"
  "$here/node-modules.sh" "$1/production" "$arch"
  local service
  for service in monitor controller; do
    cp "services/$service.service" "$1/debian/pi-monitor.$service.service"
  done
  mkdir -p "$1/polkit"
  cp services/pi-monitor.rules "$1/polkit/50-pi-monitor.rules"
  name_version "$1"
}

# The program tells package.json's version, Debian its changelog's.
name_version() {
  local maintainer="${DEBFULLNAME:-pi-monitor contributors} <${DEBEMAIL:-pi-monitor@pi-monitor.invalid}>"
  sed -i "s/^  \"version\": .*/  \"version\": \"$version\",/" "$1/package.json"
  sed -i "s/@MAINTAINER@/$maintainer/" "$1/debian/control"
  printf 'pi-monitor (%s) trixie; urgency=medium\n\n  * As of %s.\n\n -- %s  %s\n' "$version" \
    "$(git describe --always --dirty)" "$maintainer" "$(git log -1 --format=%cD)" \
    >"$1/debian/changelog"
}

# The compilers' cache is the root's, and outlives its sources.
build_package() {
  in_root CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_DIR=/root/.ccache nice \
    dpkg-buildpackage --build=binary --no-sign --no-pre-clean --host-arch="$arch"
}

in_root() { "$here/in-root.sh" "$root" env --chdir=/build/pi-monitor "$@"; }

main "$@"
