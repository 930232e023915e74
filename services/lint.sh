#!/usr/bin/env bash
# Checks the form of the code with every tool, going on past failures; `--fix` formats it instead.
#
#   services/lint.sh [--fix]
#
# Ends with "# lints { pass: N, fail: N }". Needs the native build: clang-tidy reads how it compiles.
# `npm run lint` and `npm run format` do the set-up first.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
PATH=$PWD/node_modules/.bin:$PATH

passed=0
failed=0
check() {
  local name=$1 began=$SECONDS
  shift
  if "$@"; then
    printf 'lint: %s ok (%d s)\n' "$name" $((SECONDS - began))
    ((passed += 1))
  else
    printf 'lint: %s FAILED (%d s)\n' "$name" $((SECONDS - began))
    ((failed += 1))
  fi
}

# Only its findings: it names every file and every warning it leaves out.
tidy() {
  local log
  log=$(run-clang-tidy -quiet -p build/cmake -j "$(nproc)" "^$PWD/native/" 2>/dev/null) ||
    { grep -vE '^clang-tidy|^[0-9]+ warnings' <<<"$log"; false; }
}

mapfile -t cxx < <(git ls-files '*.cc' '*.h')
mapfile -t shell < <(git ls-files '*.sh' .ci/run)

if [[ ${1:-} == --fix ]]; then
  prettier --log-level warn --write . && clang-format -i "${cxx[@]}"
  exit
fi

check prettier prettier --log-level warn --check .
check clang-format clang-format --dry-run --Werror "${cxx[@]}"
check shellcheck shellcheck --external-sources "${shell[@]}"
check eslint eslint --max-warnings 0 .
check tsc tsc --noEmit
check 'tsc of the page' tsc --noEmit --project web
check clang-tidy tidy

printf '# lints { pass: %d, fail: %d }\n' "$passed" "$failed"
((failed == 0))
