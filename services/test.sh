#!/usr/bin/env bash
# Runs the tests through tap's runner, all or the ones named, and says which libcamera took part.
#
#   services/test.sh [tap's options] [test/FILE.test.ts …]
#
# `npm test -- …` does the set-up first.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

arguments=()
for argument in "$@"; do
  # Sources are named, their compiled files run.
  [[ $argument != test/*.ts ]] || argument=build/${argument%.ts}.js
  arguments+=("$argument")
done

node_modules/.bin/tap run "${arguments[@]}"
result=$?

node services/tested-libcamera.mjs
exit "$result"
