#!/usr/bin/env bash
# Fetches the headers of libcamera 0.3.2, the oldest that pi-monitor builds with, from Debian 12's
# backports, and prints the path to include. They are only unpacked, once, into
# ${XDG_CACHE_HOME:-~/.cache}/pi-monitor/libcamera-headers-0.3.2; nothing is installed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
headers=${XDG_CACHE_HOME:-$HOME/.cache}/pi-monitor/libcamera-headers-0.3.2
include=$headers/usr/include/libcamera

if [[ ! -e $include/libcamera/libcamera.h ]]; then
  mkdir -p "$headers"
  work=$(mktemp -d "$headers.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  "$root/services/debian-fetch.sh" binary bookworm-backports libcamera-dev "$work" || {
    echo "libcamera 0.3.2's headers are to be had from Debian's bookworm-backports only." \
      "Connect to the network and run this again." >&2
    exit 1
  }
  dpkg -x "$work"/libcamera-dev_0.3.2*.deb "$headers"
fi
printf '%s\n' "$include"
