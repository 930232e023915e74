#!/usr/bin/env bash
# What provision.sh runs on each machine, through ssh and without a terminal:
#
#   provision-host.sh prepare|install DRY_RUN FOLDER ROLE DATA
#
# prepare: whether this machine can be installed, and a place for the sources to arrive. install:
# puts them where they belong, builds, and makes them a service. What goes wrong is the last line.
set -euo pipefail

say() { printf 'provision: %s\n' "$*" >&2; } # apt.sh uses it
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}
as_root() { if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi; }

main() {
  local step=$1
  dry_run=$2 to=$3 role=$4 data=$5
  "${step}_machine"
}

prepare_machine() {
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) fail "this is a 32-bit system; pi-monitor needs a 64-bit one." ;;
  esac
  command -v systemctl >/dev/null || fail "this system is not run by systemd."
  as_root true 2>/dev/null || fail "$(id -un) cannot use sudo without a password."
  [[ -x /usr/bin/node ]] || command -v apt-get >/dev/null ||
    fail "there is no Node at /usr/bin/node, and no apt-get to install it."
  [[ ! -e $to || -d $to/services || -z $(ls -A "$to") || $(ls -A "$to") == .incoming ]] ||
    fail "$to holds something else."
  ((dry_run)) && return
  as_root install --directory --owner="$(id -un)" "$to"
  rm -rf "$to/.incoming"
  mkdir "$to/.incoming"
}

install_machine() {
  cd "$to"
  take_over
  if [[ ! -x /usr/bin/node ]]; then
    # shellcheck source=services/apt.sh
    (source services/apt.sh && apt_install nodejs npm)
  fi
  # A recording that runs meanwhile comes first.
  nice -n 19 services/setup.sh run
  as_root services/install.sh "$role" ${data:+--data "$data"}
}

# Only once all have arrived. What was built here stays, and is built anew only as far as it differs.
take_over() {
  local entry
  [[ -d .incoming/services ]] || fail "the sources have not arrived."
  while IFS= read -r entry; do
    rm -rf "./$entry"
    mv ".incoming/$entry" .
  done < <(ls -A .incoming)
  rmdir .incoming
}

# Standard input is this text.
main "$@" </dev/null
