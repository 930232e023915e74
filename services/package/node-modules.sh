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

main() {
  mkdir -p "$folder"
  cp package.json package-lock.json .npmrc "$folder"
  # Those that only build, and a download of ffmpeg: the package depends on Debian's.
  npm --prefix "$folder" uninstall --silent --omit=dev --ignore-scripts \
    --os=linux --cpu="$cpu" --libc=glibc cmake-js node-addon-api ffmpeg-static
  [[ -e $modules/@uwsjs/linux-$cpu-$node/uws.node ]] || take_other_uws
  strip_down
}

# The registry may lack the binary for this processor (see NOTICE). An older republishing has it.
take_other_uws() {
  local archive=$folder/uws.tgz
  npm pack --silent --pack-destination "$folder" @rjweb/uws@1.5.0 >/dev/null
  mv "$folder/rjweb-uws-1.5.0.tgz" "$archive"
  [[ $(openssl dgst -sha512 -binary "$archive" | base64 --wrap=0) == "$other_uws_sha512" ]] || {
    echo "node-modules: @rjweb/uws 1.5.0 is not what it was when it was chosen." >&2
    exit 1
  }
  rm -rf "$modules/uWebSockets.js" "$modules/@uwsjs"
  mkdir "$modules/uWebSockets.js"
  tar -xzf "$archive" -C "$modules/uWebSockets.js" --strip-components=1
}
# As the registry gave it in `npm view @rjweb/uws@1.5.0 dist.integrity`.
readonly other_uws_sha512=lfMBYS870gFvgnyVexbvA+5bXpmGoWwmtVg5433iS7oRVXk2ACKx2a+F3qTfPF3RRH+vUvvRZN9MWDcYRwK9AA==

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
