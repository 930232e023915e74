#!/usr/bin/env bash
# Runs a command in a root that trixie-root.sh has made, as its root user, with processes and
# mounts of its own: nothing stays behind.
#
#   services/package/in-root.sh ROOT COMMAND…
set -euo pipefail

readonly root=$1
shift
exec unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" chroot "$root" \
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
  DEBIAN_FRONTEND=noninteractive "$@"
