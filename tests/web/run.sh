#!/usr/bin/env bash
# Drives the pages of a running server in a browser; it fills the server with what it needs.
# usage: tests/web/run.sh [BASE]      http://127.0.0.1:8080 without one; RINGBOLT_BROWSER: another program than Debian's chromium
#   tests/web/run.sh docs BASE           the small pictures of docs/images/pages, of a new server
#   tests/web/run.sh shots BASE FOLDER   pictures of each page, of a server that `node tests/web/seed.mjs BASE` has filled
set -euo pipefail
cd "$(dirname "$0")"
ls "${RINGBOLT_BROWSER:-/usr/bin/chromium}" >/dev/null || { echo "the pages need a browser: apt-get install chromium, or RINGBOLT_BROWSER=PROGRAM"; exit 1; }
stamp=node_modules/.stamp-$(sha256sum package-lock.json | cut -c1-16)
[ -e "$stamp" ] || { npm ci --ignore-scripts --silent && touch "$stamp"; }
if [ "${1:-}" = docs ]; then
  node seed.mjs "$2" >/dev/null
  RINGBOLT_SHOTS=docs exec node shots.mjs "$2" ../../docs/images/pages
fi
if [ "${1:-}" = shots ]; then
  shift
  exec node shots.mjs "$@"
fi
exec node drive.mjs "${1:-http://127.0.0.1:8080}" "${2:-../../target/pages}"
