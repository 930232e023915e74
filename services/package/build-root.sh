#!/usr/bin/env bash
# Makes the root that an architecture's package is built in, once; prints where it is.
#
#   services/package/build-root.sh amd64|arm64
#
# Its programs are this machine's; libraries are those of the architecture.
set -euo pipefail

readonly arch=$1
suffix=
[[ $arch == "$(dpkg --print-architecture)" ]] || suffix=:$arch
packages=(
  build-essential ccache cmake debhelper help2man libnode-dev lintian ninja-build nodejs
  "pkgconf$suffix"
)
# To try what was built: a Node and what emulates its processor.
[[ -z $suffix ]] || packages+=("crossbuild-essential-$arch" qemu-user "libnode115$suffix")
for library in avcodec avformat avutil camera turbojpeg0 yuv; do
  packages+=("lib$library-dev$suffix")
done
exec "$(dirname "${BASH_SOURCE[0]}")/trixie-root.sh" "build-$arch" "${packages[@]}"
