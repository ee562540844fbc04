#!/usr/bin/env bash
# Instructions that a one-task instance takes, counted by callgrind: a number that hardly depends on what else the machine
# does, so that a change of one percent shows. The kernel's are not among them. Needs valgrind.
#   engine       the engine with tables, store and records: create, push, complete, in memory (no log, no sockets); exact
#   grpc, rest   the whole server on epoll, 8 in flight, jobs by stream and by long poll; about a percent between runs
# MODE=stream or poll says otherwise how jobs come; SERVER_ARGS are more arguments of the server's start.
# usage: perf/instructions.sh [engine|grpc|rest] [BINARY: of the example one_task, or the server]
what=${1:-engine}
case $what in
  engine) EXAMPLE=${2:-$(dirname "$0")/../target/release/examples/one_task} RINGBOLT=/bin/true ;;
  grpc) mode=${MODE:-stream} RINGBOLT=${2:-} ;;
  rest) mode=${MODE:-poll} RINGBOLT=${2:-} ;;
  *) echo "usage: $0 [engine|grpc|rest] [BINARY]" >&2 && exit 1 ;;
esac
. "$(dirname "$0")/lib.sh"
PROFILE=$WORK/callgrind.out

collected() {
  awk '/Collected/ { print $4 }' "$1"
}

# engine_of ROUNDS: three times as many instances, as the example makes them.
engine_of() {
  valgrind --tool=callgrind --callgrind-out-file="$PROFILE" "$EXAMPLE" "$1" >"$WORK/engine" 2>&1
  collected "$WORK/engine"
}

# server_of INSTANCES: callgrind knows nothing of io_uring's waiting, and gives a process less address space than the map takes.
server_of() {
  start_server "counted$1" --epoll --map-gib 1 --response-target-ms 0 ${SERVER_ARGS:-}
  "$LOAD" bench --grpc "$GRPC" --rest "$REST" --cpu "$CPU_LOAD" --protocol "$what" --mode "$mode" --in-flight 8 \
    --payload 1024 --warmup 0 --duration 300 --instances "$1" --quiet >"$WORK/bench"
  kill "$SERVER_PID"
  wait "$SERVER_PID" || true
  collected "$WORK/counted$1.log.err"
}

# What the start takes falls out of the difference.
if [ "$what" = engine ]; then
  [ -x "$EXAMPLE" ] || { echo "$EXAMPLE is missing: cargo build --release -p ringbolt-engine --example one_task" >&2; exit 1; }
  few=$(engine_of 200)
  many=$(engine_of 1200)
  instances=3000
else
  printf '#!/bin/sh\nexec valgrind --tool=callgrind --callgrind-out-file=%s %s "$@"\n' "$PROFILE" "$(realpath "$RINGBOLT")" >"$WORK/counted"
  chmod +x "$WORK/counted"
  LOAD=$(realpath "$RINGBOLT") RINGBOLT=$WORK/counted
  few=$(server_of 200)
  many=$(server_of 1000)
  instances=800
fi
echo "$(((many - few) / instances)) instructions an instance ($what)"
callgrind_annotate --inclusive=yes "$PROFILE" 2>/dev/null | grep ringbolt | head -40 | sed "s,$ROOT/,,;s,/rustc/[0-9a-f]*/,," | cut -c1-160
