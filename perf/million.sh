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
a=$(figure "$empty" rates/completed_per_second)
b=$(figure "$waiting" rates/completed_per_second)
echo "completed/s: empty $a, beside $instances waiting $b, ratio $(python3 -c "print(round($b / $a, 3))")"
# While flushes and not the core are the limit, throughput compares disks; CPU time compares the work.
a=$(figure "$empty" server/cpu_ms_per_instance)
b=$(figure "$waiting" server/cpu_ms_per_instance)
echo "CPU ms an instance: empty $a, beside $instances waiting $b, inverse ratio $(python3 -c "print(round($a / $b, 3))")"
echo "checkpoints inside the windows: $(figure "$empty" server_metrics/counters/checkpoints_total) and $(figure "$waiting" server_metrics/counters/checkpoints_total)"

kill -KILL "$SERVER_PID"
wait "$SERVER_PID" 2>/dev/null || true
began=$EPOCHREALTIME
start_server million "${settings[@]}"
banner=$(since "$began")
create_one waiting
echo "restart after SIGKILL: banner after $banner ms, first instance acknowledged after $(since "$began") ms; $(memory "$SERVER_PID")"
get "$MANAGEMENT" /actuator/prometheus | grep -E '^ringbolt_(replay|state_base_rows|state_base_bytes)'
stop_server
