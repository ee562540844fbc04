#!/usr/bin/env bash
# What secondary storage takes: one-task instances in a closed loop, without and with it in turn. `one`: one core, and all that the server runs is on its
# CPU, the load on the other. `two`: one core, and the server's side threads share the other CPU with the load, which takes little of it
# (gateway/load/examples/lean.rs); `beside` is without it, and something else works on the other CPU for as long as secondary storage would: two CPUs
# may be two threads of one core, of which each is slower where both work. `both`: two cores, and the load on both CPUs. Prints what was completed,
# what an instance took of the CPU (all threads of the server; the load), the peak of memory, how far the projection was behind when the load ended and
# how long it took to catch up.
# usage: perf/secondary.sh [rounds, 3]      SECONDS_RUN, SECONDS_WARMUP as in lib.sh (8 and 3)
export SECONDS_RUN=${SECONDS_RUN:-8} SECONDS_WARMUP=${SECONDS_WARMUP:-3}
. "$(dirname "$0")/lib.sh"
rounds=${1:-3}
LEAN=${LEAN:-$ROOT/target/release/examples/lean}
[ -x "$LEAN" ] || { echo "$LEAN is missing: cargo build --release --package ringbolt-load --example lean" >&2; exit 1; }

# behind: positions of the log that no search shows yet.
behind() {
  get "$MANAGEMENT" /metrics | awk '/^ringbolt_storage_lag_positions/ { sum += $NF } END { printf "%d", sum }'
}

# work SHARE SECONDS: takes that share of the CPU of the load, at the priority of secondary storage.
work() {
  exec taskset -c 1 nice -n 5 python3 -c '
import sys, time
share, end = float(sys.argv[1]), time.monotonic() + float(sys.argv[2])
while (began := time.monotonic()) < end:
    while time.monotonic() - began < share * 0.01:
        pass
    time.sleep((1 - share) * 0.01)
' "$1" "$2"
}

# measure CPUS LABEL [arguments]: one run, its line and, in RATE and COST, its figures.
measure() {
  local cpus=$1 label=$2
  shift 2
  [ "$cpus" = both ] && CPU_SERVER=0,1 || CPU_SERVER=0
  start_server "$label-$cpus-$RANDOM" "$@"
  [ "$cpus" != one ] || taskset -a -p -c 0 "$SERVER_PID" >/dev/null
  CPU_LOAD=$([ "$cpus" = both ] && echo 0,1 || echo 1)
  deploy_sample
  taskset -c "$CPU_LOAD" "$LEAN" "$GRPC" "$SERVER_PID" 256 1024 "$SECONDS_WARMUP" "$SECONDS_RUN" >"$WORK/run.json" || exit 1
  local left began=$EPOCHREALTIME
  left=$(behind)
  if [ "$label" = with ]; then until [ "$(behind)" = 0 ] || [ "$(since "$began")" -gt 20000 ]; do sleep 0.05; done; fi
  RATE=$(figure "$WORK/run.json" completed_per_second) COST=$(figure "$WORK/run.json" server_us)
  printf '%-5s %-8s %9.0f/s %8.1f us, load %4.1f us  %s behind %d, for %d ms\n' "$cpus" "$label" "$RATE" "$COST" \
    "$(figure "$WORK/run.json" load_us)" "$(memory "$SERVER_PID" | grep -o 'VmHWM: [0-9.]* MiB')" "$left" "$(since "$began")"
  stop_server
}

for cpus in ${WAYS:-one two both}; do
  rates=() costs=() beside=()
  for _ in $(seq "$rounds"); do
    measure "$cpus" without --no-secondary-storage
    without=$RATE cost=$COST
    measure "$cpus" with
    rates+=("$(python3 -c "print($RATE / $without)")") costs+=("$(python3 -c "print($COST - $cost)")")
    if [ "$cpus" = two ]; then
      with=$RATE share=$(python3 -c "print(round(min($RATE * ($COST - $cost) / 1e6, 0.9), 2))")
      work "$share" $((SECONDS_WARMUP + SECONDS_RUN + 1)) &
      working=$!
      measure "$cpus" beside --no-secondary-storage
      wait "$working"
      beside+=("$(python3 -c "print($with / $RATE)")")
    fi
  done
  python3 -c '
import statistics, sys
cpus, n = sys.argv[1], (len(sys.argv) - 2) // 2
numbers = [float(a) for a in sys.argv[2:]]
print(f"{cpus}: throughput with to without {statistics.median(numbers[:n]):.2f}; secondary storage takes {statistics.median(numbers[n:]):.1f} us an instance (medians of {n})")
' "$cpus" "${rates[@]}" "${costs[@]}"
  [ ${#beside[@]} = 0 ] || python3 -c '
import statistics, sys
print(f"{sys.argv[1]}: throughput with to that beside as much other work {statistics.median(map(float, sys.argv[2:])):.2f}")
' "$cpus" "${beside[@]}"
done
