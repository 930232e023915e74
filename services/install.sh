#!/usr/bin/env bash
# Makes the monitor or the controller a service of this machine: it starts with the machine, and
# again when it fails. Run again after an update of this folder it brings the service up to date.
#
#   sudo services/install.sh [monitor|controller] [--data DIR] [--dry-run] [--restart]
#   sudo services/install.sh [monitor|controller] --remove [--dry-run]
#
# While a recording runs, the service is brought up to date but not restarted; --restart does so
# all the same. --remove keeps recordings, configuration and the service's user. --data: where it
# keeps recordings and configuration from now on, instead of below /var/lib; what is in the folder
# before stays there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2034 # script.sh reads it
name=install
# shellcheck source=services/script.sh
source services/script.sh

readonly user=pi-monitor
readonly rules=/etc/polkit-1/rules.d/50-pi-monitor.rules
service=monitor
remove=0
restart_anyway=0
data=''

main() {
  while (($#)); do
    case $1 in
      monitor | controller) service=$1 ;;
      --dry-run) dry_run=1 ;;
      --remove) remove=1 ;;
      --restart) restart_anyway=1 ;;
      --data)
        data=${2:-}
        check_data_path
        shift
        ;;
      *) fail "$1 is not known. Usage: install.sh [monitor|controller] [--data DIR]" \
        "[--remove] [--restart] [--dry-run]" ;;
    esac
    shift
  done
  default_data=$(sed -n "s/.*${service^^}_DATA=//p" "services/$service.service")
  data_part=/etc/systemd/system/$service.service.d/data.conf
  require_root
  require_commands systemctl useradd
  if ((remove)); then
    remove_service
  else
    check_build
    make_user
    check_reach
    make_data_folder
    write_settings
    install_service
    start_service
    tell_address
  fi
}

check_build() {
  [[ -x /usr/bin/node ]] ||
    fail "the service needs Node at /usr/bin/node, from apt or NodeSource (not nvm's or snap's)."
  local file
  for file in build/src/cli.js build/Release/pi_monitor.node build/web/monitor.html; do
    [[ -e $file ]] || fail "$PWD/$file is missing: run npm start here once, as your own user."
  done
}

# The groups are those of cameras and encoders on Raspberry Pi OS; systemd refuses a unit with a
# group that does not exist.
make_user() {
  local group
  for group in video render; do
    getent group "$group" >/dev/null || run groupadd --system "$group"
  done
  getent passwd "$user" >/dev/null ||
    run useradd --system --user-group --home-dir /var/lib/pi-monitor --shell /usr/sbin/nologin \
      --comment pi-monitor "$user"
}

# Homes are closed to others since Debian 12. By the whole path: a relative one would pass by them.
check_reach() {
  ((dry_run)) && return
  runuser -u "$user" -- test -r "$PWD/build/src/cli.js" ||
    fail "the service's user cannot read $PWD. Move the folder to /opt/pi-monitor and run this" \
      "there, or let others pass through your home: chmod o+x $(home_above)"
  local said
  said=$(runuser -u "$user" -- /usr/bin/node "$PWD/build/src/cli.js" cameras 2>&1) ||
    fail "the program does not run as the service's user: $said"
}

# What a unit file takes as it stands, without .. and quotes.
check_data_path() {
  [[ $data =~ ^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$ ]] ||
    fail "--data: an absolute path of A-Z a-z 0-9 . _ - and /, without a / at its end."
}

# A folder that is there already may be anything: it is never given to another user unasked.
make_data_folder() {
  [[ -n $data && $data != "$default_data" ]] || return 0
  [[ -e $data ]] || run install --directory --owner="$user" --group="$user" --mode=755 "$data"
  ((dry_run)) || runuser -u "$user" -- test -d "$data" -a -w "$data" ||
    fail "the service's user cannot write $data. If the folder is meant for it alone:" \
      "sudo chown $user: $data; and let others pass through the folders above (chmod o+x)."
}

home_above() { cut -d / -f 1-3 <<<"$PWD"; }

# Keeps every line a person has written there.
write_settings() {
  local others
  others=$(grep -v '^PI_MONITOR=' "$settings" 2>/dev/null ||
    printf '%s\n' '# Where pi-monitor is (written by services/install.sh), and what else the services are given:' \
      '# MONITOR_OPTIONS=--port 8000 --camera auto' '# CONTROLLER_OPTIONS=--port 8001')
  printf '%s\nPI_MONITOR=%s\n' "$others" "$PWD" | put "$settings"
}

# A part of the unit of this machine alone: an update without --data keeps it.
write_data_folder() {
  [[ -n $data ]] || return 0
  if [[ $data == "$default_data" ]]; then
    run rm -f "$data_part"
  else
    put "$data_part" <<END
# Written by services/install.sh --data. A disk that is not there is told by the page.
[Service]
Environment=${service^^}_DATA=$data
ReadWritePaths=-$data
END
  fi
}

install_service() {
  [[ ! -d /etc/polkit-1/rules.d ]] || put "$rules" <services/pi-monitor.rules
  write_data_folder
  run systemctl link --force "$PWD/services/$service.service"
  run systemctl daemon-reload
  run systemctl enable "$service.service"
}

start_service() {
  local doing
  doing=$(systemctl show --property StatusText --value "$service.service" 2>/dev/null) || true
  if [[ $doing == recording* ]] && ((!restart_anyway)); then
    say "a recording runs and goes on with the old version. Afterwards:" \
      "sudo systemctl restart $service"
    return
  fi
  run systemctl restart "$service.service" ||
    fail "it does not start. It says why: journalctl -u $service -n 20"
}

tell_address() {
  local port address
  port=$(port_of "$service")
  say "the $service runs: open http://$(uname -n).local:$port/$service.html"
  for address in $(hostname -I 2>/dev/null); do
    [[ $address == *:* ]] || say "or http://$address:$port/$service.html"
  done
}

remove_service() {
  local kept
  kept=$(sed -n 's/^Environment=.*_DATA=//p' "$data_part" 2>/dev/null || true)
  run systemctl disable --now "$service.service" 2>/dev/null || true
  run rm -f "/etc/systemd/system/$service.service"
  run rm -rf "/etc/systemd/system/$service.service.d"
  other_is_installed || run rm -f "$rules"
  run systemctl daemon-reload
  say "the $service is removed; recordings and configuration stay in ${kept:-$default_data}, the" \
    "settings in $settings, and the user $user."
}

other_is_installed() {
  local other
  for other in monitor controller; do
    [[ $other == "$service" || ! -e /etc/systemd/system/$other.service ]] || return 0
  done
  return 1
}

main "$@"
