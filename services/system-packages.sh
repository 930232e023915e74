# shellcheck shell=bash
# System packages: what pi-monitor needs, by Debian's names, and how they are installed.
# A part of setup.sh, whose mode, dry_run, say and fail it uses.
: "${mode:?} ${dry_run:?}"

readonly build_packages=(
  g++ make cmake ninja-build pkg-config libavcodec-dev libavformat-dev libavutil-dev libx264-dev
  libturbojpeg0-dev libyuv-dev ffmpeg
)
readonly test_packages=(chromium doctest-dev v4l-utils)
readonly lint_packages=(clang-format clang-tidy shellcheck)

wanted_packages() {
  case $mode in
    run | bench) echo "${build_packages[*]}" ;;
    test) echo "${build_packages[*]} ${test_packages[*]}" ;;
    lint) echo "${build_packages[*]} ${lint_packages[*]}" ;;
  esac
}

has_apt() { command -v apt-get >/dev/null; }

hint_without_apt() {
  has_apt || echo "This system has no apt-get: install by hand what Debian calls $(wanted_packages)"
}

# Runs a command as root, or fails with the way out.
as_root() {
  if ((EUID == 0)); then
    "$@" 8>&-
  elif ! command -v sudo >/dev/null; then
    fail "root rights are needed and there is no sudo. As root run: $*"
  elif sudo -n true 2>/dev/null || [[ -t 0 ]]; then
    sudo -- "$@" 8>&-
  else
    fail "root rights are needed, and sudo cannot ask for a password here. Run: sudo $*"
  fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=600 "$@" ||
    fail "apt-get could not install them; it says why above. Then start again."
}

# Says what is missing before it installs that.
install_packages() {
  local wanted installed package missing=()
  if ! has_apt; then
    say "system packages are not looked after. $(hint_without_apt)"
    return
  fi
  read -ra wanted <<<"$(wanted_packages)"
  # It answers for those it knows, and fails for the others.
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null) || true
  for package in "${wanted[@]}"; do
    grep -qFx "$package installed" <<<"$installed" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "system packages that are missing, to be installed by apt-get: ${missing[*]}"
  ((dry_run)) && return
  as_root apt-get update -q ||
    fail "apt-get update failed; it says why above. Is the network up? Then start again."
  apt_install "${missing[@]}"
}
