#!/usr/bin/env bash
# What a million waiting instances cost: throughput beside them against an empty engine, memory, and the restart after SIGKILL.
# usage: perf/million.sh [instances, 1000000]
. "$(dirname "$0")/lib.sh"
instances=${1:-1000000}
SECONDS_RUN=${SECONDS_RUN_MILLION:-60}
# Small enough for three checkpoints inside a window of a minute at a few thousand instances a second.
settings=(--checkpoint-log-mib "${CHECKPOINT_LOG_MIB:-64}")
load=(--in-flight 256 --payload 100 --protocol grpc --mode stream)

start_server empty "${settings[@]}"
bench "million/empty" "${load[@]}"
empty=$LAST_JSON
stop_server

start_server million "${settings[@]}"
"$LOAD" starter --grpc "$GRPC" --cpu "$CPU_LOAD" --server-pid "$SERVER_PID" --server-metrics "$MANAGEMENT" \
  --process-id waiting --job-type nobody --payload 100 --in-flight 512 --instances "$instances" --quiet
echo "with $instances waiting: $(memory "$SERVER_PID")"
bench "million/waiting" "${load[@]}"
waiting=$LAST_JSON
echo "with $instances waiting, after the load: $(memory "$SERVER_PID")"

# An empty engine again: where the two empty runs differ, the machine changed, and the comparison says no more than that.
million=("$SERVER_PID" "$REST" "$GRPC" "$MANAGEMENT")
start_server empty_again "${settings[@]}"
bench "million/empty_again" "${load[@]}"
again=$LAST_JSON
stop_server
SERVER_PID=${million[0]} REST=${million[1]} GRPC=${million[2]} MANAGEMENT=${million[3]}

for what in rates/completed_per_second server/cpu_ms_per_instance server_metrics/stages/flush/p50_ms \
  server_metrics/counters/checkpoints_total; do
  echo "$what: empty $(figure "$empty" "$what"), beside $instances waiting $(figure "$waiting" "$what"), empty again $(figure "$again" "$what")"
done

kill -KILL "$SERVER_PID"
wait "$SERVER_PID" 2>/dev/null || true
began=$EPOCHREALTIME
start_server million "${settings[@]}"
banner=$(since "$began")
create_one waiting
echo "restart after SIGKILL: banner after $banner ms, first instance acknowledged after $(since "$began") ms; $(memory "$SERVER_PID")"
get "$MANAGEMENT" /actuator/prometheus | grep -E '^ringbolt_(replay|state_base_rows|state_base_bytes)'
stop_server
