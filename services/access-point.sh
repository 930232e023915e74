# shellcheck shell=bash
# What the access point's scripts share: the names of its parts, and what NetworkManager says.
# shellcheck disable=SC2034 # the scripts read them

readonly profile=pi-monitor-ap
readonly profile_file=/etc/NetworkManager/system-connections/$profile.nmconnection
# NetworkManager's own choice for a shared network; server.accessPoint has the same default.
readonly ap_address=10.42.0.1 ap_prefix=24

wifi_device() {
  nmcli --terse --fields DEVICE,TYPE device | sed -n 's/^\(.*\):wifi$/\1/p' | head -n 1
}

require_wifi() {
  device=$(wifi_device)
  [[ -n $device ]] || fail "this machine has no Wi-Fi that NetworkManager can use: nmcli device"
}

# The UUID of what the Wi-Fi is connected to now, or nothing.
connection_now() {
  nmcli --terse --fields UUID,DEVICE connection show --active | sed -n "s/^\(.*\):$device$/\1/p"
}

name_of() { nmcli --get-values connection.id connection show "$1"; }

require_profile() {
  nmcli --get-values connection.uuid connection show "$profile" >/dev/null 2>&1 ||
    fail "there is no access point yet: services/setup_ap.sh SSID PASSWORD"
}

ssid() { nmcli --get-values 802-11-wireless.ssid connection show "$profile"; }
