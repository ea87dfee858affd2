#!/usr/bin/env bash
# Installs what the tests use: the npm packages, and the real programs that the server is tried with.
set -euo pipefail
cd "$(dirname "$0")/.."
npm ci
npm ci --prefix examples/nextjs
npm ci --prefix test/asyncapi --silent --ignore-scripts

# libatomic1 is what the npm package `node` needs on slim images.
packages=(chromium coturn ffmpeg haproxy libatomic1 nginx-light openssl prometheus redis-server redis-sentinel)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
$sudo apt-get update -qq
# Debian would start a service at once, and at every boot: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '$sudo rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
  $sudo chmod +x "$policy"
fi
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
for package in "${missing[@]}"; do
  case "$package" in
    coturn | haproxy | prometheus | redis-server | redis-sentinel) $sudo update-rc.d "$package" disable ;;
    nginx-light) $sudo update-rc.d nginx disable ;;
  esac
done
