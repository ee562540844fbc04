#!/usr/bin/env bash
# What secondary storage takes: one-task instances in a closed loop, without and with it in turn, with one core. `one`: all that the server
# runs is on one CPU, the load on the other. `two`: its side threads may take the load's CPU too. `both`: two cores, and the load on both
# CPUs. Prints what was completed, what an instance took of the CPU (all threads),
# the peak of memory, how far the projection was behind when the load ended and how long it took to catch up.
# usage: perf/secondary.sh [rounds, 3]      SECONDS_RUN, SECONDS_WARMUP as in lib.sh (8 and 3)
export SECONDS_RUN=${SECONDS_RUN:-8} SECONDS_WARMUP=${SECONDS_WARMUP:-3}
. "$(dirname "$0")/lib.sh"
rounds=${1:-3}

# behind: positions of the log that no search shows yet.
behind() {
  get "$MANAGEMENT" /metrics | awk '/^ringbolt_storage_lag_positions/ { sum += $NF } END { printf "%d", sum }'
}

# measure CPUS LABEL [arguments]: one run, its line and, in RATES and COSTS, its figures.
measure() {
  local cpus=$1 label=$2
  shift 2
  [ "$cpus" = both ] && CPU_SERVER=0,1 || CPU_SERVER=0
  start_server "$label-$cpus-$RANDOM" "$@"
  [ "$cpus" != one ] || taskset -a -p -c 0 "$SERVER_PID" >/dev/null
  CPU_LOAD=$([ "$cpus" = both ] && echo 0,1 || echo 1)
  taskset -c "$CPU_LOAD" "$LOAD" bench --grpc "$GRPC" --rest "$REST" --server-pid "$SERVER_PID" --server-metrics "$MANAGEMENT" \
    --duration "$SECONDS_RUN" --warmup "$SECONDS_WARMUP" --quiet --json "$WORK/run.json" --in-flight 256 --payload 1024 --protocol grpc \
    --mode stream >"$WORK/run.out" 2>&1 || { tail -5 "$WORK/run.out" >&2; exit 1; }
  local left began=$EPOCHREALTIME
  left=$(behind)
  if [ "$label" = with ]; then until [ "$(behind)" = 0 ] || [ "$(since "$began")" -gt 20000 ]; do sleep 0.05; done; fi
  RATE=$(figure "$WORK/run.json" rates/completed_per_second) COST=$(figure "$WORK/run.json" server/cpu_ms_per_instance)
  printf '%-5s %-8s %9.0f/s %8.1f us  %s behind %d, for %d ms\n' "$cpus" "$label" "$RATE" "$(python3 -c "print($COST * 1000)")" \
    "$(memory "$SERVER_PID" | grep -o 'VmHWM: [0-9.]* MiB')" "$left" "$(since "$began")"
  stop_server
}

for cpus in one two both; do
  rates=() costs=()
  for _ in $(seq "$rounds"); do
    measure "$cpus" without --no-secondary-storage
    without=$RATE cost=$COST
    measure "$cpus" with
    rates+=("$(python3 -c "print($RATE / $without)")") costs+=("$(python3 -c "print(($COST - $cost) * 1000)")")
  done
  python3 -c '
import statistics, sys
cpus, n = sys.argv[1], (len(sys.argv) - 2) // 2
numbers = [float(a) for a in sys.argv[2:]]
print(f"{cpus}: throughput with to without {statistics.median(numbers[:n]):.2f}; secondary storage takes {statistics.median(numbers[n:]):.1f} us an instance (medians of {n})")
' "$cpus" "${rates[@]}" "${costs[@]}"
done
