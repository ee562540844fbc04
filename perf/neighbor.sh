#!/usr/bin/env bash
# What one client feels of another: creates at a calm pace before and during each kind of bully, one server a row, all in one
# run. A row is good when the p99 during is at most twice that before, or the flush's p99 and 3 ms more (10 ms with the whole
# server on one CPU), whichever is higher, and nothing was refused or failed. The bully keeps 64 requests in flight; it runs at the lowest
# priority beside the calm client, so that what is measured is the server.
# usage: perf/neighbor.sh [--full] [BULLY ...]   bullies: loop fork timeouts cancel feel mappings polls checkpoint one-cpu (all)
# Without --full the windows are 5 s and the whole takes about three minutes.
FULL=
[ "${1:-}" != --full ] || { FULL=1; shift; }
export SECONDS_WARMUP=1
[ -n "$FULL" ] || export SECONDS_RUN=${SECONDS_RUN:-5}
. "$(dirname "$0")/lib.sh"
bullies=("$@")
[ $# -gt 0 ] || bullies=(loop fork timeouts cancel feel mappings polls checkpoint one-cpu)
rate=${RATE:-100}
# A bully that is not at work after this many seconds is given up.
PREPARE_MAX=120
failed=0

calm() { # LABEL
  if ! bench "$1" --rate "$rate" --work-delay-ms 0 --protocol grpc --mode stream --connections 1 --payload 100 --process-id neighbor \
    --job-type neighbor --drain 3 >"$WORK/calm.out" 2>&1; then
    echo "the calm client failed:" >&2
    tail -5 "$WORK/calm.out" >&2
    exit 1
  fi
}

row() { # BULLY MORE BEFORE DURING; exit code 1 for a bad one
  python3 - "$@" <<'PYTHON'
import json, sys
bully, more, before, during = sys.argv[1], float(sys.argv[2]), *(json.load(open(path)) for path in sys.argv[3:5])
create = lambda report, q: report["latencies"].get("create_acknowledged", {}).get(q, float("nan"))
flush = (during["server_metrics"] or {}).get("stages", {}).get("flush", {}).get("p99_ms") or 0.0
bound = max(2 * create(before, "p99_ms"), flush + more)
wrong = []
if not create(during, "p99_ms") <= bound: wrong.append(f"p99 above {bound:.1f} ms")
if during["counts"]["failed"] or during["counts"]["refused"]: wrong.append(f"{during['counts']['failed']} failed, {during['counts']['refused']} refused")
print(f"{bully:<12} {create(before, 'p50_ms'):>10.2f} {create(before, 'p99_ms'):>10.2f} {create(during, 'p50_ms'):>10.2f} "
      f"{create(during, 'p99_ms'):>10.2f} {flush:>10.2f} {bound:>10.2f}  {'; '.join(wrong) or 'good'}")
sys.exit(bool(wrong))
PYTHON
}

printf '%-12s %10s %10s %10s %10s %10s %10s  %s\n' bully "p50 before" "p99 before" "p50 during" "p99 during" "flush p99" bound verdict
for bully in "${bullies[@]}"; do
  kind=$bully extra=() more=3
  case $bully in
    checkpoint) extra=(--overlay-mib 1 --checkpoint-log-mib 8) ;;
    one-cpu) kind=loop more=10 ;;
  esac
  # Every thread of the server on the one CPU of its core, or cores alone on theirs.
  [ "$bully" != one-cpu ] || taskset -cp "$CPU_SERVER" $$ >/dev/null
  start_server "$bully" ${extra[@]+"${extra[@]}"}
  [ "$bully" != one-cpu ] || taskset -cp "0-$(($(nproc --all) - 1))" $$ >/dev/null
  calm "neighbor/$bully/before"
  before=$LAST_JSON
  mkfifo "$WORK/$bully.ready"
  taskset -c "$CPU_LOAD" nice -n 19 timeout $((PREPARE_MAX + SECONDS_RUN + 10)) \
    python3 "$HERE/neighbor.py" "$REST" "$MANAGEMENT" "$kind" $((SECONDS_RUN + 5)) >"$WORK/$bully.ready" 2>"$WORK/$bully.bully.err" &
  bully_pid=$!
  if read -r _ <"$WORK/$bully.ready"; then
    calm "neighbor/$bully/during"
    row "$bully" "$more" "$before" "$LAST_JSON" || failed=1
  else
    failed=1
    echo "$bully: the bully did not come to work: $(tail -1 "$WORK/$bully.bully.err" | cut -c1-300)"
  fi
  # What timeout started ends with it.
  kill "$bully_pid" 2>/dev/null || true
  wait "$bully_pid" 2>/dev/null || true
  stop_server
done
exit $failed
