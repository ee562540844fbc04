#!/usr/bin/env bash
# What REST costs beside gRPC: one-task instances at the ceiling, interleaved rounds against one binary, jobs as each protocol has them.
# Prints a line a run, then the medians as ratios to gRPC with as many connections: CPU per instance (bar 1.1) and throughput (bar 0.9).
# HTTP/1.1 carries one request at a time, so that 256 in flight are 256 connections; beside it stands gRPC with as many.
# usage: perf/rest-over-grpc.sh [ROUNDS]     SERVER_ARGS: more arguments of the server's start (--no-secondary-storage)
SECONDS_RUN=${SECONDS_RUN:-8} SECONDS_WARMUP=${SECONDS_WARMUP:-2}
. "$(dirname "$0")/lib.sh"
ROUNDS=${1:-3}
# name, then the load's arguments
WAYS=(
  "grpc-stream --protocol grpc --mode stream"
  "rest-stream --protocol rest --http2 --connections 1 --mode stream"
  "rest-poll --protocol rest --http2 --connections 1 --mode poll"
  "grpc-stream-256 --protocol grpc --mode stream --connections 256"
  "rest-poll-http1 --protocol rest --mode poll"
)
for round in $(seq "$ROUNDS"); do
  for way in "${WAYS[@]}"; do
    read -r name arguments <<<"$way"
    # shellcheck disable=SC2086
    start_server "$name$round" ${SERVER_ARGS:-}
    # shellcheck disable=SC2086
    bench "$name" --in-flight 256 --payload 1024 $arguments >"$WORK/bench"
    rate=$(figure "$LAST_JSON" rates/completed_per_second)
    cpu=$(figure "$LAST_JSON" server/cpu_ms_per_instance)
    stop_server
    echo "$name $rate $cpu" | tee -a "$WORK/runs" | awk '{ printf "%-16s %8.0f /s %8.4f ms of CPU\n", $1, $2, $3 }'
  done
done
awk '
  function median(list, n,   i, j, t) {
    for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
  }
  { n[$1]++; rate[$1, n[$1]] = $2; cpu[$1, n[$1]] = $3; if (!($1 in seen)) { seen[$1] = 1; names[++count] = $1 } }
  END {
    for (k = 1; k <= count; k++) {
      for (i = 1; i <= n[names[k]]; i++) { r[i] = rate[names[k], i]; c[i] = cpu[names[k], i] }
      mr = median(r, n[names[k]]); mc = median(c, n[names[k]])
      if (names[k] ~ /^grpc/) { br = mr; bc = mc; base = names[k] }
      printf "%-16s CPU %.2f, throughput %.2f of %s\n", names[k], mc / bc, mr / br, base
    }
  }' "$WORK/runs"
