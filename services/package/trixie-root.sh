#!/usr/bin/env bash
# Makes a root of Debian trixie with packages in it, in the user's cache folder, once; prints where
# it is. Needs root rights, debootstrap and a Debian mirror; changes nothing else of this machine.
#
#   services/package/trixie-root.sh NAME PACKAGE…
#
# A PACKAGE of another architecture ends in :arm64, a library to build with, say: the root's own
# programs are this machine's. A root is known by its name and its packages; another list makes
# another, and removes the old one of that name.
set -euo pipefail

readonly mirror=http://deb.debian.org/debian security=http://deb.debian.org/debian-security
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here cache=${XDG_CACHE_HOME:-$HOME/.cache}/pi-monitor

fail() {
  printf 'trixie-root: %s\n' "$*" >&2
  exit 1
}

(($# > 1)) || fail "usage: trixie-root.sh NAME PACKAGE…"
readonly name=$1
shift
key=$(printf '%s\n' "$mirror" "$@" | sha256sum | cut -c -12)
readonly root=$cache/trixie-$name-$key

in_root() { "$here/in-root.sh" "$root.new" "$@"; }

make_root() {
  local package
  find "$cache" -maxdepth 1 -name "trixie-$name-*" ! -name "${root##*/}.log" -exec rm -rf {} +
  debootstrap --variant=minbase trixie "$root.new" "$mirror"
  # As on a machine of a user: what it links to is what they get.
  printf 'deb %s main\n' "$mirror trixie" "$mirror trixie-updates" "$security trixie-security" \
    >"$root.new/etc/apt/sources.list"
  # Daemons that packages bring are not started while they are installed.
  printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
  chmod +x "$root.new/usr/sbin/policy-rc.d"
  for package in "$@"; do
    [[ $package != *:* ]] || in_root dpkg --add-architecture "${package##*:}"
  done
  in_root apt-get update -q
  in_root apt-get install -q -y --no-install-recommends -o DPkg::Options::=--force-unsafe-io "$@"
  in_root apt-get clean
  rm "$root.new/usr/sbin/policy-rc.d"
  mv "$root.new" "$root"
}

((EUID == 0)) || fail "a root of another system takes root rights: put sudo in front."
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
mkdir -p "$cache"
exec 9>"$cache/trixie-$name.lock"
flock 9
if [[ ! -d $root ]]; then
  printf 'trixie-root: making %s, once (some minutes; the log: %s)\n' "$root" "$root.log" >&2
  make_root "$@" >"$root.log" 2>&1 || fail "that failed: $(tail -n 3 "$root.log")"
fi
echo "$root"
