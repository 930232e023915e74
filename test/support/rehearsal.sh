#!/usr/bin/env bash
# Runs a command in a picture of this machine: its files, copied on write, with processes, mounts,
# network, host name and devices of their own. With /lib/systemd/systemd it boots under systemd.
# What is changed there is kept in FOLDER, and is found again by the next call. Needs root.
#
#   rehearsal.sh FOLDER COMMAND…
#
# REHEARSAL_ROOT names another root than this machine's.
set -euo pipefail

if [[ ${1:-} != --inside ]]; then
  exec unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child "$0" --inside "$@"
fi
folder=$2
shift 2

mount --make-rprivate /
root=$folder/root
is_new=0
[[ -d $folder/changes ]] || is_new=1
mkdir -p "$folder/changes" "$folder/work" "$root"
mount -t overlay overlay \
  -o "lowerdir=${REHEARSAL_ROOT:-/},upperdir=$folder/changes,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
while read -r node numbers; do
  # shellcheck disable=SC2086 # two words
  mknod -m 666 "$root/dev/$node" c $numbers
done <<'NODES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
fuse 10 229
NODES

# Nothing of this machine's own services: only what the test installs.
if ((is_new)); then
  find "$root/etc/systemd/system" -mindepth 1 -delete
  echo uninitialized >"$root/etc/machine-id"
  : >"$root/etc/fstab"
  for unit in systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
    systemd-udev-trigger.service systemd-modules-load.service systemd-timesyncd.service \
    systemd-networkd.service systemd-firstboot.service e2scrub_reap.service; do
    ln -s /dev/null "$root/etc/systemd/system/$unit"
  done
fi

ip link set lo up
cd "$root"
mkdir -p .outside
pivot_root . .outside
umount --lazy .outside
mount --make-rshared / # as systemd does outside containers: services see disks that come
# The generators would bring this machine's services back.
exec env -i container=rehearsal PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
  SYSTEMD_GENERATOR_PATH=/nonexistent "$@" </dev/null
