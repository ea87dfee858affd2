#!/usr/bin/env bash
# Measures this server beside others, all in one run; the server on one core, the load on the other. The first
# argument is what: compare (with many others), curves or flame (with the yardstick ws-json alone); the rest goes to
# that script: npm run bench -- --runs 1 --cases relay1,join
# A comparison without arguments, of all cases, writes the table and the plot of docs/performance.md anew.
set -euo pipefail
cd "$(dirname "$0")/.."
what=$1
shift
command -v gcc >/dev/null || { echo 'The load generator is C: apt-get install gcc libc6-dev'; exit 1; }
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
gcc -O2 -Wall -o "$build/sigload" bench/sigload.c
npm run --silent build

# All checks stay on but the limits, which the load is meant to exceed.
export ENVIRONMENT=production AUTH=off JWT_SECRET=only-for-the-benchmark-0123456789abcdef LOG_LEVEL=error
export JOIN_RATE=0 MESSAGE_RATE=0 BYTE_RATE=0 MAX_PEERS=0

if [ "$what" != compare ]; then
  node "bench/$what.ts" --sigload "$build/sigload" "$@"
  exit
fi
npm ci --prefix bench --silent --ignore-scripts
node bench/compare.mjs --sigload "$build/sigload" --json "$build/results.json" "$@" \
  ws-json='node bench/baselines/ws-json.mjs' \
  fastify-json='node bench/baselines/fastify-json.mjs' \
  ws-floor='node bench/baselines/ws-floor.mjs' \
  peerjs:PeerJS='node bench/baselines/peerjs.mjs' \
  ywebrtc:y-webrtc='node bench/node_modules/y-webrtc/bin/server.js' \
  sio:Socket.IO='node bench/baselines/socketio.mjs' \
  echo:record-meet='node --max-semi-space-size=2 dist/src/server.js'
node bench/stats.ts
if [ $# -eq 0 ]; then node bench/report.mjs "$build/results.json"; fi
