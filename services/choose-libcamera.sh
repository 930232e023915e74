# shellcheck shell=bash
# Which libcamera the native addon is built with. A part of setup.sh, whose mode, dry_run, marks
# and say it uses.
: "${mode:?} ${dry_run:?} ${marks:?}"

# Sets libcamera to "system VERSION", to the folder of the one that the tests build for themselves,
# or to "none": it is wanted, not needed, as the synthetic camera is always there.
choose_libcamera() {
  case $mode in
    run | bench) choose_for_recording ;;
    test | lint) choose_for_tests ;;
  esac
}

choose_for_recording() {
  local last offered
  take_system_libcamera 0.3.2 && return
  # Once the tests have built theirs it serves here too, so that the two need no build each.
  last=$(libcamera_of_last_build)
  if [[ -d $last ]]; then
    libcamera=$last
  elif ! is_marked no-libcamera "$(apt_sources)"; then
    install_system_libcamera 0.3.2 && return
    offered=$(offered_libcamera)
    say "real cameras need libcamera 0.3.2 or newer; this system offers ${offered:-none}." \
      "The monitor is built without it: its synthetic camera works. For a real one install a" \
      "newer libcamera-dev (Debian 12 has it in bookworm-backports) and start again."
    ((dry_run)) || mark no-libcamera "$(apt_sources)"
  fi
}

# Before 0.5.0 libcamera's virtual cameras give no usable times.
choose_for_tests() {
  take_system_libcamera 0.5.0 || install_system_libcamera 0.5.0 && return
  if ((dry_run)); then
    say "the tests' own libcamera, where it is not built yet: services/build-test-libcamera.sh"
  else
    libcamera=$(services/build-test-libcamera.sh 8>&-) ||
      say "the tests go on without libcamera: real cameras stay untested."
  fi
  libcamera=${libcamera:-none}
}

take_system_libcamera() {
  pkg-config --atleast-version="$1" libcamera 2>/dev/null &&
    libcamera="system $(pkg-config --modversion libcamera)"
}

install_system_libcamera() {
  local offered
  has_apt || return
  offered=$(offered_libcamera)
  [[ -n $offered ]] && dpkg --compare-versions "$offered" ge "$1" || return
  say "libcamera-dev $offered, for real cameras, will be installed by apt-get."
  if ((dry_run)); then
    libcamera="system $offered"
  else
    apt_install libcamera-dev
    take_system_libcamera "$1"
  fi
}

# Empty where apt has none.
offered_libcamera() {
  LC_ALL=C apt-cache policy libcamera-dev 2>/dev/null | sed -n 's/^ *Candidate: \([0-9].*\)/\1/p'
}

# What decides whether apt would answer differently another time: asking it takes a second on a Pi.
apt_sources() {
  cat /etc/os-release /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sha256sum
}
