#!/usr/bin/env bash
# Instructions that a one-task instance takes, counted by callgrind: a number that does not depend on what else the machine
# does, so that a change of one percent shows. Needs valgrind.
#   engine   the engine with tables, store and records: create, push, complete, in memory (no log, no sockets)
# usage: perf/instructions.sh [engine] [BINARY of the example]
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
what=${1:-engine}
[ "$what" = engine ] || { echo "usage: $0 [engine] [BINARY]" >&2; exit 1; }
binary=${2:-$ROOT/target/release/examples/one_task}
[ -x "$binary" ] || { echo "$binary is missing: cargo build --release -p ringbolt-engine --example one_task" >&2; exit 1; }
# The example makes three rounds of as many instances as it is told.
FEW=200 MANY=1200 ROUNDS=3
collected() {
  valgrind --tool=callgrind --callgrind-out-file="$1" "$binary" "$2" 2>&1 >/dev/null | awk '/Collected/ { print $4 }'
}
profile=$(mktemp)
trap 'rm -f "$profile"' EXIT
# What the start takes falls out of the difference.
few=$(collected /dev/null $FEW)
many=$(collected "$profile" $MANY)
echo "$(((many - few) / ((MANY - FEW) * ROUNDS))) instructions an instance"
callgrind_annotate --inclusive=yes "$profile" 2>/dev/null | grep ringbolt | head -40 | sed "s,$ROOT/,,;s,/rustc/[0-9a-f]*/,," | cut -c1-160
