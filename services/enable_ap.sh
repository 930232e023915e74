#!/usr/bin/env bash
# Changes from the present Wi-Fi to this machine's own. Where nobody opens the page over it in time
# the present one comes back; once somebody has, the access point is there after each start too.
#
#   sudo services/enable_ap.sh [--seconds 300] [--dry-run]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2034 # script.sh reads it
name=access-point
# shellcheck source=services/script.sh
source services/script.sh
# shellcheck source=services/access-point.sh
source services/access-point.sh

seconds=300 before='' trial=0

main() {
  while (($#)); do
    case $1 in
      --seconds) seconds=${2:-} && shift ;;
      --dry-run) dry_run=1 ;;
      --trial) trial=1 before=${2:-} && shift ;; # from this script to itself
      *) fail "$1 is not known. Usage: enable_ap.sh [--seconds 300] [--dry-run]" ;;
    esac
    shift
  done
  [[ $seconds =~ ^[1-9][0-9]{0,3}$ ]] || fail "--seconds: 1 to 9999."
  require_root
  require_commands nmcli systemd-run ss
  require_wifi
  require_profile
  if ((trial)); then try_it; else announce; fi
}

announce() {
  before=$(connection_now)
  if [[ -n $before && $(name_of "$before") == "$profile" ]]; then
    say "the access point $(ssid) is up already."
    return
  fi
  say "the Wi-Fi of this machine becomes $(ssid), reached at http://$ap_address or" \
    "http://$(uname -n).local. Join it and open the page."
  [[ -z $before ]] ||
    say "the connection to $(name_of "$before") ends in a moment, and with it a session over it." \
      "It comes back where the page is not opened within $seconds seconds."
  # Outlives the session that the change cuts off.
  run systemd-run --quiet --collect --unit=pi-monitor-ap-trial \
    "$PWD/services/enable_ap.sh" --seconds "$seconds" --trial "$before"
}

try_it() {
  sleep 2 # for the announcement to arrive
  if ! run nmcli connection up "$profile"; then
    say "the access point does not start."
    go_back
    return 1
  fi
  # Without a connection before there is nothing to go back to.
  if [[ -z $before ]] || page_is_opened; then
    run nmcli connection modify "$profile" connection.autoconnect yes
    say "the access point stays."
  else
    say "nobody opened the page."
    go_back
  fi
}

page_is_opened() {
  local end=$((SECONDS + seconds))
  while ((SECONDS < end)); do
    ! visitor || return 0
    sleep 1
  done
  return 1
}

# Whether a connection to the page has come from the access point's network.
visitor() {
  ss --no-header --tcp --numeric state connected "sport = :$(port_of monitor)" |
    grep -qE "${ap_address%.*}\.[0-9]+\]?:[0-9]+ *$"
}

go_back() {
  if [[ -n $before ]] && run nmcli connection up "$before"; then
    say "back at $(name_of "$before")."
  else
    run nmcli connection down "$profile" || true
    say "the Wi-Fi is left to NetworkManager."
  fi
}

main "$@"
