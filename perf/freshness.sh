#!/usr/bin/env bash
# How long after the acknowledgement a search shows what was written, beside so many one-task instances a second: instances that stay alive,
# by asking again and again, and with a read that names its write. Server and load have both CPUs.
# usage: perf/freshness.sh [rate, 1000; 0 for a closed loop of 256]
. "$(dirname "$0")/lib.sh"
rate=${1:-1000}
CPU_SERVER=${CPU_SERVER_BOTH:-0,1}
start_server freshness
pace=(--rate "$rate")
[ "$rate" != 0 ] || pace=(--in-flight 256)
(sleep "$SECONDS_WARMUP" && exec python3 "$HERE/freshness.py" "$REST" "$SECONDS_RUN") &
prober=$!
bench "freshness/$rate" "${pace[@]}" --payload 1024 --protocol grpc --mode stream
wait "$prober"
echo "$(figure "$LAST_JSON" rates/completed_per_second | cut -d. -f1) completed/s, $(memory "$SERVER_PID")"
stop_server
