# shellcheck shell=bash
# System packages: what pi-monitor needs, by Debian's names.
# A part of setup.sh, whose mode, dry_run and say it uses.
: "${mode:?} ${dry_run:?}"

# shellcheck source=services/apt.sh
source services/apt.sh

readonly build_packages=(
  g++ make cmake ninja-build pkg-config libavcodec-dev libavformat-dev libavutil-dev libx264-dev
  libturbojpeg0-dev libyuv-dev ffmpeg
)
readonly test_packages=(
  chromium dbus doctest-dev iproute2 libfaketime mkvtoolnix mosquitto openssh-server openssl
  python3-opencv rclone systemd v4l-utils
)
readonly lint_packages=(clang-format clang-tidy shellcheck)

wanted_packages() {
  case $mode in
    run | bench) echo "${build_packages[*]}" ;;
    test) echo "${build_packages[*]} ${test_packages[*]}" ;;
    lint) echo "${build_packages[*]} ${lint_packages[*]}" ;;
  esac
}

hint_without_apt() {
  has_apt || echo "This system has no apt-get: install by hand what Debian calls $(wanted_packages)"
}

# Says what is missing before it installs that.
install_packages() {
  local missing
  if ! has_apt; then
    say "system packages are not looked after. $(hint_without_apt)"
    return
  fi
  # shellcheck disable=SC2046 # a word each
  mapfile -t missing < <(missing_of $(wanted_packages))
  ((${#missing[@]})) || return 0
  say "system packages that are missing, to be installed by apt-get: ${missing[*]}"
  ((dry_run)) || apt_install "${missing[@]}"
}
