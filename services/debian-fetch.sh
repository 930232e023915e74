#!/usr/bin/env bash
# Fetches one package of a Debian suite that need not be this machine's, and installs nothing: the
# source list is this script's own, and the system's apt configuration stays as it is.
#
#   services/debian-fetch.sh source|binary SUITE PACKAGE FOLDER
#
# Leaves the files (PACKAGE_VERSION.orig.tar.*, … or PACKAGE_VERSION_ARCH.deb) in FOLDER, and what
# apt needed besides in FOLDER/apt. Needs no root rights.
set -euo pipefail

readonly kind=$1 suite=$2 package=$3 folder=$4
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

if [[ ! -e $keyring ]]; then
  echo "debian-fetch: $keyring is missing. Run: apt-get install debian-archive-keyring" >&2
  exit 1
fi

mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial"
cd "$folder"
[[ $kind == source ]] && type=deb-src || type=deb
echo "$type [signed-by=$keyring] http://deb.debian.org/debian $suite main" >apt/sources.list
apt=(
  apt-get -q
  -o Dir::Etc::SourceList="$PWD/apt/sources.list"
  -o Dir::Etc::SourceParts=-
  -o Dir::State::Lists="$PWD/apt/lists"
  -o Dir::Cache="$PWD/apt"
  -o APT::Sandbox::User=
  -o Acquire::Languages=none
)
"${apt[@]}" update >&2
case $kind in
  source) "${apt[@]}" source --download-only --only-source "$package" >&2 ;;
  binary) "${apt[@]}" download "$package" >&2 ;;
  *)
    echo "debian-fetch: $kind is neither source nor binary" >&2
    exit 1
    ;;
esac
