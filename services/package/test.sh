#!/usr/bin/env bash
# Makes the packages and tries them: this machine's in a trixie booted under systemd, where it is
# installed, upgraded, removed and purged; arm64's under an emulator of its processor. Minutes; the
# first time more, as the roots are made. `npm run package:test`; needs root rights.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

here=services/package
version=$(node -p 'require("./package.json").version')
own_arch=$(dpkg --print-architecture)

PACKAGE_DEB=$PWD/$("$here/package.sh")
PACKAGE_NEXT_DEB=$PWD/$("$here/package.sh" --version "$version+1")
PACKAGE_ROOT=$("$here/trixie-root.sh" test-"$own_arch" dbus procps systemd-sysv)
export PACKAGE_DEB PACKAGE_NEXT_DEB PACKAGE_ROOT
if [[ $own_arch != arm64 ]]; then
  PACKAGE_OTHER_DEB=$PWD/$("$here/package.sh" --arch arm64)
  PACKAGE_OTHER_ROOT=$("$here/build-root.sh" arm64)
  export PACKAGE_OTHER_DEB PACKAGE_OTHER_ROOT
fi
exec services/test.sh --timeout=900 test/package.test.ts test/package-arm64.test.ts
