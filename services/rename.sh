#!/usr/bin/env bash
# Gives this machine another name, and its access point too, if it has one: for a card that was
# cloned. The page is then at http://NAME.local:8000/monitor.html; recordings are named by it.
#
#   sudo services/rename.sh NAME [--dry-run]
#
# Recordings that exist keep their names. The monitor gets a new id by itself: it knows its board.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2034 # script.sh reads it
name=rename
# shellcheck source=services/script.sh
source services/script.sh
# shellcheck source=services/access-point.sh
source services/access-point.sh

readonly hosts=/etc/hosts cloud=/etc/cloud/cloud.cfg.d/99-pi-monitor.cfg

main() {
  local argument new=''
  for argument in "$@"; do
    case $argument in
      --dry-run) dry_run=1 ;;
      --* | '') usage ;;
      *) [[ -z $new ]] || usage && new=$argument ;;
    esac
  done
  [[ -n $new ]] || usage
  [[ $new =~ ^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$ ]] ||
    fail "NAME: 1 to 32 of a-z 0-9 and, inside, -; it begins with a letter."
  require_root
  require_commands hostnamectl
  local old
  old=$(uname -n)
  run hostnamectl set-hostname "$new"
  name_in_hosts "$old" "$new"
  # Newer images let cloud-init set the name at each start.
  [[ ! -d ${cloud%/*} ]] || put "$cloud" <<<"preserve_hostname: true"
  rename_access_point "$new"
  restart_what_says_it
  say "this machine is $new; the page is at http://$new.local:$(port_of monitor)/monitor.html"
}

usage() { fail "usage: rename.sh NAME [--dry-run]"; }

# Debian resolves the own name by this line; sudo is slow without it.
name_in_hosts() {
  local old=${1%%.*} new=$2 text
  text=$(grep -vE "^127\.0\.1\.1[[:space:]]" "$hosts" 2>/dev/null || true)
  put "$hosts" <<<"$text"$'\n'"127.0.1.1 $new"
  [[ $old == "$new" ]] || say "it was $old."
}

# What the others know of it changes with it; a session over it ends at its next start.
rename_access_point() {
  [[ -e $profile_file ]] || return 0
  require_commands nmcli
  run nmcli connection modify "$profile" 802-11-wireless.ssid "$1"
}

# They have announced the old name. Not under a recording.
restart_what_says_it() {
  restart_if_there avahi-daemon
  restart_if_there controller
  if [[ $(systemctl show --property StatusText --value monitor.service 2>/dev/null) == recording* ]]; then
    say "a recording runs; the network hears of the name once it has ended:" \
      "sudo systemctl restart monitor"
  else
    restart_if_there monitor
  fi
}

restart_if_there() {
  ! systemctl cat "$1.service" >/dev/null 2>&1 || run systemctl try-restart "$1.service"
}

main "$@"
