#!/usr/bin/env bash
# What an element instance of the realistic process costs in the engine: the share of the server's samples in core and state (whatever
# they call of libraries is theirs), times its CPU per process instance, over the element instances of one, which exported records of a
# run of their own say. Needs perf; stacks come from the release profile's line tables.
# usage: perf/per-element.sh [items, 50]
. "$(dirname "$0")/lib.sh"
items=${1:-50}
load="--scenario realistic --items $items --in-flight 8 --payload 1024"

mkdir "$WORK/exported"
start_server counted --no-secondary-storage --export-jsonl "$WORK/exported"
# shellcheck disable=SC2086
"$LOAD" bench --grpc "$GRPC" --rest "$REST" --cpu "$CPU_LOAD" $load --warmup 0 --duration 60 --instances 20 --quiet >/dev/null
stop_server
elements=$(cat "$WORK"/exported/*.jsonl | python3 "$HERE/per_element.py" count)

start_server measured --no-secondary-storage
(sleep $((SECONDS_WARMUP + 1)) && exec perf record -q -e cpu-clock -F 997 --call-graph dwarf,8192 -p "$SERVER_PID" -o "$WORK/perf.data" \
  -- sleep $((SECONDS_RUN - 2)) >/dev/null 2>&1) &
recorder=$!
# shellcheck disable=SC2086
bench per-element $load >/dev/null
wait "$recorder"
stop_server
perf script -i "$WORK/perf.data" --no-inline -F ip,sym,dso 2>/dev/null \
  | python3 "$HERE/per_element.py" share "$(figure "$LAST_JSON" server/cpu_ms_per_instance)" "$elements"
