#!/usr/bin/env bash
# What one client feels of another: creates at a calm pace before and during each kind of bully, one server a row, all in one
# run. A row is good when the p99 during is at most twice that before, or the flush's p99 and 3 ms more (10 ms with the whole
# server on one CPU).
# usage: perf/neighbor.sh [BULLY ...]   bullies: loop fork timeouts cancel feel mappings polls checkpoint one-cpu (all)
. "$(dirname "$0")/lib.sh"
bullies=("$@")
[ $# -gt 0 ] || bullies=(loop fork timeouts cancel feel mappings polls checkpoint one-cpu)
rate=${RATE:-100}
SECONDS_WARMUP=1

calm() { # LABEL
  bench "$1" --rate "$rate" --work-delay-ms 0 --protocol grpc --mode stream --connections 1 --payload 100 --process-id neighbor \
    --job-type neighbor >/dev/null 2>&1
}

printf '%-12s %10s %10s %10s %10s %10s  %s\n' bully "p50 before" "p99 before" "p50 during" "p99 during" "flush p99" verdict
for bully in "${bullies[@]}"; do
  kind=$bully extra=() more=3
  case $bully in
    checkpoint) extra=(--overlay-mib 1 --checkpoint-log-mib 8) ;;
    one-cpu) kind=loop more=10 ;;
  esac
  if [ "$bully" = one-cpu ]; then
    # Every thread of the server on the one CPU of its core.
    taskset -cp "$CPU_SERVER" $$ >/dev/null
    start_server "$bully" ${extra[@]+"${extra[@]}"}
    taskset -cp "0-$(($(nproc --all) - 1))" $$ >/dev/null
  else
    start_server "$bully" ${extra[@]+"${extra[@]}"}
  fi
  calm "neighbor/$bully/before" && before=$LAST_JSON
  mkfifo "$WORK/$bully.ready"
  python3 "$HERE/neighbor.py" "$REST" "$kind" $((SECONDS_RUN + 5)) >"$WORK/$bully.ready" 2>"$WORK/$bully.bully.err" &
  bully_pid=$!
  if read -r _ <"$WORK/$bully.ready"; then
    calm "neighbor/$bully/during" && during=$LAST_JSON
    python3 - "$bully" "$more" "$before" "$during" <<'PYTHON'
import json, sys
bully, more, before, during = sys.argv[1], float(sys.argv[2]), *(json.load(open(path)) for path in sys.argv[3:5])
create = lambda report, q: report["latencies"].get("create_acknowledged", {}).get(q, float("nan"))
flush = (during["server_metrics"] or {}).get("stages", {}).get("flush", {}).get("p99_ms") or 0.0
bound = max(2 * create(before, "p99_ms"), flush + more)
wrong = []
if not create(during, "p99_ms") <= bound: wrong.append(f"p99 above {bound:.1f} ms")
if during["counts"]["failed"] or during["counts"]["refused"]: wrong.append(f"{during['counts']['failed']} failed, {during['counts']['refused']} refused")
print(f"{bully:<12} {create(before, 'p50_ms'):>10.2f} {create(before, 'p99_ms'):>10.2f} {create(during, 'p50_ms'):>10.2f} "
      f"{create(during, 'p99_ms'):>10.2f} {flush:>10.2f}  {'; '.join(wrong) or 'good'}")
PYTHON
  else
    echo "$bully: the bully did not come to work: $(tail -1 "$WORK/$bully.bully.err")"
  fi
  kill "$bully_pid" 2>/dev/null || true
  wait "$bully_pid" 2>/dev/null || true
  stop_server
done
