# shellcheck shell=bash
# Installing system packages with apt-get. A part of scripts that have say and fail.

has_apt() { command -v apt-get >/dev/null; }

# Prints those of the packages named that are not installed, a line each.
missing_of() {
  local package installed
  # dpkg-query answers for those it knows, and fails for the others.
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null) || true
  for package in "$@"; do
    grep -qFx "$package installed" <<<"$installed" || echo "$package"
  done
}

# Fails with the way out where the packages named cannot be installed by this user. sudo asks for a
# password at the terminal, wherever standard input comes from.
require_root() {
  ((EUID != 0)) || return 0
  command -v sudo >/dev/null ||
    fail "root rights are needed and there is no sudo. As root run: apt-get install $*"
  sudo -n true 2>/dev/null || { : </dev/tty; } 2>/dev/null ||
    fail "root rights are needed, and sudo cannot ask for a password here. Run:" \
      "sudo apt-get install $*"
}

# Descriptor 8 is the set-up's lock: a daemon that apt starts must not hold it.
as_root() {
  if ((EUID == 0)); then "$@" 8>&-; else sudo -- "$@" 8>&-; fi
}

apt_install() {
  require_root "$@"
  as_root apt-get update -q ||
    fail "apt-get update failed; it says why above. Is the network up? Then start again."
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=600 "$@" ||
    fail "apt-get could not install them; it says why above. Then start again."
}
