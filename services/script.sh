# shellcheck shell=bash
# What the scripts that change a machine share. A part of them; sourced with name set to what a
# line of theirs begins with.
: "${name:?}"
dry_run=0

say() { printf '%s: %s\n' "$name" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Runs a command, or with --dry-run says which it would be.
run() {
  if ((dry_run)); then
    printf '%s: would run: %s\n' "$name" "${*@Q}" >&2
  else
    "$@"
  fi
}

# Makes the file $1 hold standard input, in one step, and only where it does not yet; $2 is its
# mode (644).
put() {
  local path=$1 mode=${2:-644} text
  text=$(cat)
  [[ ! -e $path || $(<"$path") != "$text" ]] || return 0
  if ((dry_run)); then
    say "would write $path"
    return
  fi
  mkdir -p "${path%/*}"
  (umask 077 && printf '%s\n' "$text" >"$path.new")
  chmod "$mode" "$path.new"
  mv "$path.new" "$path"
}

require_root() {
  ((EUID == 0 || dry_run)) || fail "this changes the system: put sudo in front."
}

readonly settings=/etc/default/pi-monitor

# The port that the service $1 is given there, else the default; one set in its configuration file
# is not seen.
port_of() {
  sed -n "s/^${1^^}_OPTIONS=.*--port[ =]\([0-9]*\).*/\1/p" "$settings" 2>/dev/null | grep . ||
    echo 8000
}

require_commands() {
  local command
  for command in "$@"; do
    command -v "$command" >/dev/null || fail "there is no $command here. $(package_of "$command")"
  done
}

package_of() {
  case $1 in
    nmcli) echo "Raspberry Pi OS has NetworkManager; elsewhere: sudo apt-get install network-manager" ;;
    systemctl) echo "This system is not run by systemd; services/README.md tells the crontab way." ;;
    *) echo "Install the package that has it." ;;
  esac
}
