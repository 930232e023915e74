#!/usr/bin/env bash
# Has the disk with this label hold the recordings, whenever it is plugged in. Without it nothing
# is recorded: the memory card is never written instead.
#
#   sudo services/setup_drive.sh LABEL [--dry-run]     or --remove
#
# To give a disk a label: sudo e2label /dev/sda1 RECORDINGS (ext4), sudo exfatlabel … (exFAT).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2034 # script.sh reads it
name=drive
# shellcheck source=services/script.sh
source services/script.sh

readonly user=pi-monitor place=/var/lib/pi-monitor/recordings
readonly units=/etc/systemd/system
label='' remove=0

main() {
  local argument
  for argument in "$@"; do
    case $argument in
      --dry-run) dry_run=1 ;;
      --remove) remove=1 ;;
      --*) usage ;;
      *) label=$argument ;;
    esac
  done
  require_root
  require_commands systemctl systemd-escape blkid chattr
  unit=$(systemd-escape --path --suffix=mount "$place")
  if ((remove)); then
    take_away
  else
    check_disk
    close_place
    write_units
    mount_it
  fi
}

usage() { fail "usage: setup_drive.sh LABEL [--dry-run] | --remove [--dry-run]"; }

check_disk() {
  [[ $label =~ ^[A-Za-z0-9._-]{1,32}$ ]] ||
    fail "LABEL: 1 to 32 of A-Z a-z 0-9 . _ -; lsblk -o NAME,LABEL,SIZE,FSTYPE shows them."
  [[ ! -e $units/monitor.service.d/data.conf ]] ||
    fail "the recordings are elsewhere: sudo services/install.sh --data ${place%/*} first."
  getent passwd "$user" >/dev/null || fail "install the service first: sudo services/install.sh"
  disk=/dev/disk/by-label/$label
  [[ -e $disk ]] || fail "no disk has the label $label: is it plugged in? lsblk -o NAME,LABEL"
  type=$(blkid --output value --match-tag TYPE "$disk")
  case $type in
    ext4 | xfs | btrfs | f2fs) options=noatime ;;
    # Without owners of their own.
    exfat | vfat | ntfs | ntfs3) options=noatime,uid=$user,gid=$user,umask=022 ;;
    *) fail "the disk $label has ${type:-no file system}: format it as ext4 or exFAT." ;;
  esac
}

# Where no disk is mounted, nobody can write: not even the service's user, whose folder is above.
close_place() {
  ! mountpoint --quiet "$place" || return 0
  [[ ! -d $place || -z $(ls -A "$place") ]] ||
    fail "$place holds recordings on the memory card. Copy them to the disk and remove them there," \
      "then run this again."
  run install --directory --owner=root --group=root --mode=755 "$place"
  run chattr +i "$place" || say "$place cannot be locked; that it belongs to root has to do."
}

# Its own unit, so that it can come at any time: the device wants the mount, the service comes up
# without it and refuses to record.
write_units() {
  local device
  device=$(systemd-escape --path --suffix=device "$disk")
  put "$units/$unit" <<END
# Written by services/setup_drive.sh: the disk $label holds the recordings.
[Unit]
Before=monitor.service

[Mount]
What=$disk
Where=$place
Type=$type
Options=$options,nofail
# A disk that was pulled out must not hold anything up.
LazyUnmount=yes
TimeoutSec=30s

[Install]
WantedBy=$device
END
  run systemctl daemon-reload
  run systemctl enable "$unit"
}

mount_it() {
  run systemctl restart "$unit" || fail "it cannot be mounted. It says why: journalctl -u $unit -n 20"
  ((dry_run)) || mountpoint --quiet "$place" || fail "$place is no mount point: journalctl -u $unit"
  # Only the disk's own top folder; what is on it stays as it is.
  [[ $options == *uid=* ]] || run chown "$user:$user" "$place"
  say "recordings go to the disk $label; without it nothing is recorded."
}

take_away() {
  [[ -e $units/$unit ]] || fail "no disk was set up."
  run systemctl disable --now "$unit"
  run rm -f "$units/$unit"
  run systemctl daemon-reload
  run chattr -i "$place" || true
  run chown "$user:$user" "$place"
  say "recordings go to the memory card again, below $place; those on the disk stay there."
}

main "$@"
