#!/usr/bin/env bash
# Makes this machine's own Wi-Fi, without starting it: the network's name, its password, its
# channel; addresses and names are given out by NetworkManager. Run again it changes them.
#
#   sudo services/setup_ap.sh SSID PASSWORD [--country DE] [--channel 6] [--fallback] [--dry-run]
#
# PASSWORD may be - to be read from standard input. Every name leads to this machine there, so that
# a phone that has joined shows the page. Then: services/enable_ap.sh; or, with --fallback, it comes
# by itself after a start at which no known network is found within a minute.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2034 # script.sh reads it
name=access-point
# shellcheck source=services/script.sh
source services/script.sh
# shellcheck source=services/access-point.sh
source services/access-point.sh

readonly names_file=/etc/NetworkManager/dnsmasq-shared.d/pi-monitor.conf
readonly port_hook=/etc/NetworkManager/dispatcher.d/50-pi-monitor-ap
readonly fallback_unit=pi-monitor-ap-fallback.service
country='' channel=6 fallback=0 words=()

main() {
  while (($#)); do
    case $1 in
      --country) country=${2:-} && shift ;;
      --channel) channel=${2:-} && shift ;;
      --fallback) fallback=1 ;;
      --dry-run) dry_run=1 ;;
      --*) usage ;;
      *) words+=("$1") ;;
    esac
    shift
  done
  ((${#words[@]} == 2)) || usage
  local ssid=${words[0]} password=${words[1]}
  [[ $password != - ]] || IFS= read -r password
  check_ssid "$ssid"
  check_password "$password" "$ssid"
  check_channel
  require_root
  require_commands nmcli
  require_wifi
  set_country
  write_profile "$ssid" "$password"
  lead_names_here
  lead_port_80_here
  set_fallback
  say "the access point $ssid is set up. To start it: sudo services/enable_ap.sh"
}

usage() {
  fail "usage: setup_ap.sh SSID PASSWORD [--country DE] [--channel 6] [--fallback] [--dry-run]"
}

check_ssid() {
  local pattern='^[A-Za-z0-9._-]([A-Za-z0-9._ -]{0,30}[A-Za-z0-9._-])?$'
  [[ $1 =~ $pattern ]] ||
    fail "SSID: 1 to 32 of A-Z a-z 0-9 . _ - and, inside, spaces."
}

# Whoever knows it may watch, record and remove.
check_password() {
  local password=$1 distinct
  local printable='^[ -~]{10,63}$'
  distinct=$(fold -w 1 <<<"$password" | sort -u | wc -l)
  if ! [[ $password =~ $printable ]]; then
    fail "PASSWORD: 10 to 63 plain characters (letters, digits, signs)."
  elif [[ $password =~ ^[0-9]+$ || $distinct -lt 5 ]]; then
    fail "PASSWORD: too easy to guess; take letters too, and at least five different characters."
  elif [[ ${password,,} == *"${2,,}"* || ${password,,} =~ password|raspberry|qwert|monitor ]]; then
    fail "PASSWORD: too easy to guess; take one without the network's name or a common word."
  fi
}

check_channel() {
  [[ $channel =~ ^([1-9]|1[0-3]|36|40|44|48)$ ]] ||
    fail "--channel: 1 to 13 (2.4 GHz; 12 and 13 not in America), or 36, 40, 44, 48 (5 GHz)."
  [[ -z $country || $country =~ ^[A-Z]{2}$ ]] || fail "--country: two capitals, such as DE or US."
}

# The radio stays off on a Raspberry Pi until it knows whose rules hold.
set_country() {
  if [[ -z $country ]]; then
    [[ $(iw reg get 2>/dev/null) =~ country\ [A-Z]{2}: ]] ||
      fail "the Wi-Fi's country is not set: add --country with two letters, such as DE or US."
  elif command -v raspi-config >/dev/null; then
    run raspi-config nonint do_wifi_country "$country"
  else
    run iw reg set "$country"
  fi
}

# As a file, so that no process list shows the password.
write_profile() {
  local band=bg known
  ((channel < 36)) || band=a
  known=$(nmcli --get-values connection.uuid connection show "$profile" 2>/dev/null) || true
  put "$profile_file" 600 <<END
[connection]
id=$profile
uuid=${known:-$(</proc/sys/kernel/random/uuid)}
type=wifi
interface-name=$device
autoconnect=false
autoconnect-priority=100

[wifi]
mode=ap
ssid=$1
band=$band
channel=$channel
powersave=2

[wifi-security]
key-mgmt=wpa-psk
proto=rsn;
pairwise=ccmp;
group=ccmp;
psk=${2//\\/\\\\}

[ipv4]
method=shared
address1=$ap_address/$ap_prefix

[ipv6]
method=disabled
END
  run nmcli connection load "$profile_file"
}

# A phone asks for a page it knows to see whether there is an internet; the server answers any name
# with a way to its own page, which the phone then shows.
lead_names_here() {
  put "$names_file" <<<"address=/#/$ap_address"
}

# Browsers ask at port 80. nftables keeps the visitor's address, which the server looks at.
lead_port_80_here() {
  put "$port_hook" 755 <<END
#!/bin/sh
# http://NAME without a port leads to pi-monitor while the access point is up.
[ "\$CONNECTION_ID" = $profile ] || exit 0
nft delete table ip pi_monitor 2>/dev/null
[ "\$2" = up ] || exit 0
nft -f - <<RULES
table ip pi_monitor {
  chain prerouting {
    type nat hook prerouting priority dstnat
    iifname "\$1" tcp dport 80 redirect to :$(port_of monitor)
  }
}
RULES
END
}

# A cable counts as a network.
set_fallback() {
  local path=/etc/systemd/system/$fallback_unit
  if ((!fallback)); then
    [[ -e $path ]] || return 0
    run systemctl disable "$fallback_unit"
    run rm "$path"
    return
  fi
  put "$path" <<END
# Written by services/setup_ap.sh --fallback.
[Unit]
Description=pi-monitor: own Wi-Fi where no known network is found
After=NetworkManager.service

[Service]
Type=exec
ExecStart=/bin/sh -c 'nm-online --quiet --timeout=60 || nmcli connection up $profile'

[Install]
WantedBy=multi-user.target
END
  run systemctl daemon-reload
  run systemctl enable "$fallback_unit"
}

main "$@"
