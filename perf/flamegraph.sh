#!/usr/bin/env bash
# A flame graph of the server at the ceiling. For whole stacks build with frame pointers:
#   RUSTFLAGS="-C force-frame-pointers=yes" cargo build --release
# usage: perf/flamegraph.sh OUT.svg [grpc|rest] [payload, 1024]
. "$(dirname "$0")/lib.sh"
out=${1:?usage: perf/flamegraph.sh OUT.svg [grpc|rest] [payload]}
protocol=${2:-grpc}
mode=stream
[ "$protocol" = grpc ] || mode=poll
start_server flame
(sleep $((SECONDS_WARMUP + 1)) && exec perf record -q -e cpu-clock -F 499 -g --call-graph fp -p "$SERVER_PID" \
  -o "$WORK/perf.data" -- sleep $((SECONDS_RUN - 2)) >/dev/null 2>&1) &
recorder=$!
bench "flame/$protocol" --in-flight 256 --payload "${3:-1024}" --protocol "$protocol" --mode "$mode"
wait "$recorder"
stop_server
perf script -i "$WORK/perf.data" -F comm,ip,sym 2>/dev/null | python3 "$HERE/flamegraph.py" >"$out"
echo "the picture is in $out"
