#!/usr/bin/env bash
# Installs what the tests use: the npm packages, and the real programs that the server is tried with.
set -euo pipefail
cd "$(dirname "$0")/.."
npm ci

# libatomic1 is what the npm package `node` needs on slim images.
packages=(chromium libatomic1)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
$sudo apt-get update -qq
# The services that Debian would start at once are not wanted: the tests start their own.
DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
