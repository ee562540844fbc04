#!/usr/bin/env bash
# Builds the pages of the binary: pages/ to dist/, which is committed, so that building Ringbolt needs no Node.js.
# usage: gateway/web/build.sh [check]      check: only says whether dist is what the sources give
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/pages"
stamp=node_modules/.stamp-$(sha256sum package-lock.json | cut -c1-16)
[ -e "$stamp" ] || { npm ci --ignore-scripts --silent && touch "$stamp"; }
npx --no-install tsc
node build.mjs "$@"
