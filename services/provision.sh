#!/usr/bin/env bash
# Installs pi-monitor on many machines from this one, over ssh: copies this folder's sources to each,
# builds them there and makes them a service. Run again it brings them up to date; where a
# recording runs, the service is not restarted.
#
#   services/provision.sh [--role monitor|controller] [--data DIR] [--to /opt/pi-monitor]
#                         [--ssh-config FILE] [--dry-run] HOST…
#
# HOST as ssh takes it, USER@cage1.local; the user logs in with a key and uses sudo without a
# password. All at once, up to 20; at the end a line for each: done, refused, failed or
# unreachable, and why. The exit code is 0 only where all are done. --dry-run only checks that each
# could be. services/provision-host.sh is what runs there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2034 # script.sh reads it
name=provision
# shellcheck source=services/script.sh
source services/script.sh

readonly at_once=20
role=monitor data='' to=/opt/pi-monitor hosts=()
# A machine seen for the first time is trusted, as by a person who says yes; another key later is
# not. One that vanishes midway is given up after 45 s.
ssh_options=(-o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=accept-new
  -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o LogLevel=ERROR)

main() {
  while (($#)); do
    case $1 in
      --role | --data | --to | --ssh-config)
        (($# > 1)) || usage
        set_option "$1" "$2"
        shift
        ;;
      --dry-run) dry_run=1 ;;
      -*) usage ;;
      *) add_host "$1" ;;
    esac
    shift
  done
  ((${#hosts[@]})) || usage
  require_commands ssh tar
  logs=$(mktemp -d "${TMPDIR:-/tmp}/pi-monitor-provision-XXXXXX")
  list_sources >"$logs/sources"
  provision_all
  report
}

usage() {
  fail "usage: provision.sh [--role monitor|controller] [--data DIR] [--to DIR]" \
    "[--ssh-config FILE] [--dry-run] HOST…"
}

set_option() {
  case $1 in
    --role)
      [[ $2 == monitor || $2 == controller ]] || usage
      role=$2
      ;;
    --data) data=$2 ;; # install.sh judges it
    --to)
      [[ $2 =~ ^/[A-Za-z0-9._-]+/[A-Za-z0-9._/-]+$ ]] ||
        fail "--to: $2 is no folder below another, like /opt/pi-monitor."
      to=$2
      ;;
    --ssh-config)
      [[ -r $2 ]] || fail "--ssh-config: $2 cannot be read."
      ssh_options=(-F "$2" "${ssh_options[@]}")
      ;;
  esac
}

# Two at work on one machine would be in each other's way.
add_host() {
  [[ " ${hosts[*]} " == *" $1 "* ]] || hosts+=("$1")
}

# What is to be copied: of a checkout what git knows, else all but what is made there.
list_sources() {
  git ls-files --deduplicate 2>/dev/null ||
    find . -mindepth 1 \( -path ./build -o -path ./node_modules -o -path ./.git \) -prune -o \
      \( -type f -o -type l \) -printf '%P\n'
}

provision_all() {
  local host running=0
  for host in "${hosts[@]}"; do
    if ((running == at_once)); then
      wait -n || true
      running=$((running - 1))
    fi
    say "$host: begins"
    provision "$host" &
    running=$((running + 1))
  done
  wait
}

# One machine, to its end; its result is a line in a file, what was said there in another.
provision() {
  local host=$1 result
  result=$(steps "$host" 2>"$logs/$host.log") || true
  [[ -n $result ]] || result="failed $(last_line "$host")"
  printf '%s\n' "$result" >"$logs/$host.result"
  say "$host: $result"
}

# Prints the result. Standard error is the machine's log.
steps() {
  local host=$1 status=0
  on_host "$host" prepare >&2 || status=$?
  case $status in
    0) ;;
    255)
      local said
      said=$(last_line "$host")
      # ssh has one exit code for all that goes wrong with it.
      [[ $said == *"Permission denied"* || $said == *"Host key"* ]] && echo "refused $said" ||
        echo "unreachable $said"
      return
      ;;
    *) echo "refused $(last_line "$host")" && return ;;
  esac
  ((!dry_run)) || { echo "ready" && return; }
  tar --create --gzip --files-from="$logs/sources" |
    call "$host" "tar --extract --gzip --no-same-owner --directory=${to@Q}/.incoming" >&2 ||
    { echo "failed while copying: $(last_line "$host")" && return; }
  on_host "$host" install >&2 || { echo "failed $(last_line "$host")" && return; }
  echo "done $(sed -n 's/^install: .*open \(http.*\)/\1/p' "$logs/$host.log" | tail -n 1)"
}

call() { ssh "${ssh_options[@]}" -- "$1" "$2"; }

# Runs a step of provision-host.sh, which comes by standard input.
on_host() {
  local host=$1 step=$2
  call "$host" "exec bash -s -- $step ${dry_run@Q} ${to@Q} ${role@Q} ${data@Q}" \
    <services/provision-host.sh
}

last_line() { grep -v '^[[:space:]]*$' "$logs/$1.log" | tail -n 1 || true; }

report() {
  local host result wrong=0
  for host in "${hosts[@]}"; do
    result=$(<"$logs/$host.result")
    printf '%s\t%s\n' "$host" "$result"
    [[ $result == done* || $result == ready* ]] || wrong=$((wrong + 1))
  done
  if ((wrong)); then
    fail "$wrong of ${#hosts[@]} are not done. What each said: $logs. Put right what is named and" \
      "run the same again."
  fi
  rm -r "$logs"
}

main "$@"
