#!/usr/bin/env bash
# Where a core's time goes at the ceiling: samples by crate and by function, as microseconds of an instance.
# Needs perf. Symbols come from the release profile's line tables.
# usage: perf/where.sh [grpc|rest] [payload, 1024]
. "$(dirname "$0")/lib.sh"
protocol=${1:-grpc}
payload=${2:-1024}
mode=stream
[ "$protocol" = grpc ] || mode=poll
start_server where
(sleep $((SECONDS_WARMUP + 1)) && exec perf record -q -e cpu-clock -F 1999 -p "$SERVER_PID" -o "$WORK/perf.data" \
  -- sleep $((SECONDS_RUN - 2)) >/dev/null 2>&1) &
recorder=$!
bench "where/$protocol" --in-flight 256 --payload "$payload" --protocol "$protocol" --mode "$mode"
wait "$recorder"
stop_server
perf report -i "$WORK/perf.data" --no-children --stdio -F overhead,dso,symbol -w 0,0,0 2>/dev/null \
  | python3 "$HERE/where.py" "$(figure "$LAST_JSON" server/cpu_ms_per_instance)"
