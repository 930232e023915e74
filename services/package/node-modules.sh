#!/usr/bin/env bash
# Fills FOLDER/node_modules with what the server needs at run time on machines of an architecture,
# this one or another, in the versions of package-lock.json.
#
#   services/package/node-modules.sh FOLDER amd64|arm64
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly folder=$1 arch=$2
case $arch in
  amd64) cpu=x64 ;;
  *) cpu=$arch ;;
esac
# The Node of trixie: uWebSockets.js has a binary for each.
readonly cpu node=20 node_abi=115
readonly modules=$folder/node_modules
readonly uws=$modules/@uwsjs/linux-$cpu-$node

main() {
  mkdir -p "$folder"
  cp package.json package-lock.json .npmrc "$folder"
  # Those that only build, and a download of ffmpeg: the package depends on Debian's.
  npm --prefix "$folder" uninstall --silent --omit=dev --ignore-scripts \
    --os=linux --cpu="$cpu" --libc=glibc cmake-js node-addon-api ffmpeg-static
  [[ -e $uws/uws.node ]] || take_older_uws
  strip_down
}

# The registry may lack the binary for this processor: an older release's is taken (see NOTICE).
take_older_uws() {
  local archive
  archive=$folder/$(npm pack --silent --pack-destination "$folder" "$older_uws")
  [[ $(openssl dgst -sha512 -binary "$archive" | base64 --wrap=0) == "$older_uws_sha512" ]] || {
    echo "node-modules: $older_uws is not what it was when it was chosen." >&2
    exit 1
  }
  mkdir -p "$uws"
  tar -xzf "$archive" -C "$folder" "package/binaries/uws_linux_${cpu}_$node_abi.node"
  mv "$folder/package/binaries/"* "$uws/uws.node"
  echo "module.exports = require('./uws.node');" >"$uws/index.js"
}
# As `npm view $older_uws dist.integrity` gave it.
readonly older_uws=@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0
readonly older_uws_sha512=r5X0aOQcuT6pLwTRLD+mPnAM/nlKtvIK4Z+My++A8tTOR0qTjNRx8UB8jzRj3D+p9PMAp5LnpCUUGmz7/TppwA==

# What only other machines, compilers and readers of the sources need. Licences stay.
strip_down() {
  find "$modules/uWebSockets.js" -name 'uws_*' ! -name "uws_linux_${cpu}_$node_abi.*" -delete
  find "$modules" -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \
    -o -name '*.md' ! -iname '*licen[cs]e*' -o -name '*.html' \
    -o -name '.*' \) -delete
  find "$modules" -depth -type d \( -name test -o -name tests -o -name benchmarks -o -name .github \
    -o -name .bin \) -exec rm -r {} +
  find "$modules" -type d -empty -delete
}

main
