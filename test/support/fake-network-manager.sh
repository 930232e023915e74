#!/usr/bin/env bash
# nmcli, iw, raspi-config and ss as the access point's scripts use them, for a machine without
# Wi-Fi: they note what they are asked to change in /run/calls, and answer by the files in
# /run/wifi: `active` the UUID that is connected, `fails` a pattern of calls that fail, `visitors`
# what ss prints. One profile is known, lab; pi-monitor-ap is, once its file was loaded.
set -euo pipefail
mkdir -p /run/wifi
call="${0##*/} $*"
lab=1b4e28ba-2fa1-11d2-883f-b9a761bde3fb
file=/etc/NetworkManager/system-connections/pi-monitor-ap.nmconnection

value_of() { sed -n "s/^$1=//p" "$file" 2>/dev/null; }
uuid_of() {
  case $1 in
    pi-monitor-ap) value_of uuid ;;
    lab) echo "$lab" ;;
    *) echo "$1" ;;
  esac
}
note() {
  echo "$call" >>/run/calls
  if [[ -e /run/wifi/fails && $call =~ $(</run/wifi/fails) ]]; then exit 4; fi
}

case $call in
  'nmcli --terse --fields DEVICE,TYPE device') printf '%s\n' eth0:ethernet wlan0:wifi lo:loopback ;;
  *'connection show --active')
    echo "c0ffee00-0000-0000-0000-000000000000:eth0"
    [[ ! -s /run/wifi/active ]] || echo "$(</run/wifi/active):wlan0"
    ;;
  *'--fields TYPE,NAME connection show') printf '%s\n' 802-3-ethernet:wired 802-11-wireless:pi-monitor-ap ;;
  *'connection.uuid connection show '*) [[ -e $file ]] && value_of uuid ;;
  *'connection.id connection show '*) if [[ ${!#} == "$lab" ]]; then echo lab; else value_of id; fi ;;
  *'802-11-wireless.ssid connection show '*) value_of ssid ;;
  'nmcli connection up '*)
    note
    uuid_of "${!#}" >/run/wifi/active
    ;;
  'nmcli connection down '*)
    note
    : >/run/wifi/active
    ;;
  'nmcli device connect wlan0')
    note
    echo "$lab" >/run/wifi/active
    ;;
  'nmcli connection '* | raspi-config*) note ;;
  'iw reg get') cat /run/wifi/country 2>/dev/null || echo 'country 00: DFS-UNSET' ;;
  ss*) cat /run/wifi/visitors 2>/dev/null || true ;;
  *)
    echo "unexpected: $call" >>/run/calls
    exit 2
    ;;
esac
