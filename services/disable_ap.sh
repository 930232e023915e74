#!/usr/bin/env bash
# Ends this machine's own Wi-Fi, now and after the next start; known networks are joined again.
#
#   sudo services/disable_ap.sh [--dry-run]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2034 # script.sh reads it
name=access-point
# shellcheck source=services/script.sh
source services/script.sh
# shellcheck source=services/access-point.sh
source services/access-point.sh

main() {
  local argument now
  for argument in "$@"; do
    [[ $argument == --dry-run ]] || fail "$argument is not known. Usage: disable_ap.sh [--dry-run]"
    dry_run=1
  done
  require_root
  require_commands nmcli
  require_wifi
  require_profile
  other_network ||
    say "this machine knows no other Wi-Fi: from now on it is reached by cable only." \
      "To add one: nmcli device wifi connect NAME --ask"
  run nmcli connection modify "$profile" connection.autoconnect no
  now=$(connection_now)
  if [[ -n $now && $(name_of "$now") == "$profile" ]]; then
    say "the access point ends now, and with it a session over it."
    run nmcli connection down "$profile"
    run nmcli device connect "$device" || say "no known network is within reach yet."
  fi
  say "the access point is off."
}

other_network() {
  nmcli --terse --fields TYPE,NAME connection show | grep '^802-11-wireless:' |
    grep -qvFx "802-11-wireless:$profile"
}

main "$@"
