#!/usr/bin/env bash
# More load than the server can do: its ceiling in a closed loop, then 1.5, 3 and 10 times that in an open one, each with a calm client
# beside it that goes on for some seconds after the load and says when all was well again. One table, with a verdict for each line; at the
# end the server's count of refusals beside that of its clients.
# Creations are due at fixed times, and latencies count from then. `sent` is what was really sent: a tool that has no CPU left leaves out the
# rest. What was sent and not answered when the run ends is `failed`; so is what was due while 4,000 of a connection were unanswered. The
# worker has a connection of its own, as where it is another program: one tool's completions do not wait in it behind its creations.
# The tool has one CPU, and all that the server sends it costs it as much as the server: so that it can send ten times the ceiling and still
# complete jobs, --share holds the server to that many hundredths of a CPU (cgroups of either version, root). `srv` and `tool` are the cores
# that the two used in the window: a tool at 1.0 measures itself.
# usage: perf/overload.sh [--full] [--share PERCENT] [WAY ...]    ways: grpc-1 grpc-64 rest-1 rest-64 (all; over HTTP/2), rest-h1-1000
# Without --full the windows are 3 s and the whole takes about three minutes. TIMES says how many times the ceiling (1.5 3 10).
FULL= SHARE=
while :; do
  case "${1:-}" in
    --full) FULL=1; shift ;;
    --share) SHARE=$2; shift 2 ;;
    *) break ;;
  esac
done
[ -n "$FULL" ] || export SECONDS_RUN=${SECONDS_RUN:-3} SECONDS_WARMUP=${SECONDS_WARMUP:-1}
. "$(dirname "$0")/lib.sh"
ways=("$@")
[ $# -gt 0 ] || ways=(grpc-1 grpc-64 rest-1 rest-64)
# How long the calm client goes on after the load.
AFTER=${AFTER:-7}
failed=0
GROUP=
# A worker by poll gets at most 128 jobs each time that a poll goes there and back, whatever the server does; so it has several.
POLLS=${POLLS:-16}

# The server's share is given out in pieces of so many microseconds, so that a pause is short beside what is measured.
PERIOD_US=5000

# hold_server: the server gets its share and no more, with all its threads.
hold_server() {
  [ -n "$SHARE" ] || return 0
  local quota=$((PERIOD_US * SHARE / 100))
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    GROUP=/sys/fs/cgroup/ringbolt-perf-$$
    mkdir "$GROUP" && echo "$quota $PERIOD_US" >"$GROUP/cpu.max"
  else
    GROUP=/sys/fs/cgroup/cpu/ringbolt-perf-$$
    mkdir "$GROUP" && echo "$PERIOD_US" >"$GROUP/cpu.cfs_period_us" && echo "$quota" >"$GROUP/cpu.cfs_quota_us"
  fi && echo "$SERVER_PID" >"$GROUP/cgroup.procs" || { echo "--share needs a cgroup for CPU that may be written" >&2; exit 1; }
}

# The group goes when its server is gone.
release_server() {
  [ -z "$GROUP" ] || rmdir "$GROUP" 2>/dev/null || true
  GROUP=
}
trap 'finish; release_server' EXIT

way_arguments() {
  case $1 in
    grpc-*) echo "--protocol grpc --mode stream --connections ${1#grpc-} --worker-connections 1" ;;
    rest-h1-*) echo "--protocol rest --mode poll --receivers $POLLS --connections ${1#rest-h1-}" ;;
    rest-*) echo "--protocol rest --mode poll --receivers $POLLS --http2 --connections ${1#rest-} --worker-connections 1" ;;
    *) echo "unknown way $1" >&2 && exit 1 ;;
  esac
}

# run LABEL ARGUMENT...: a run whose failure is told.
run() {
  if ! bench "$@" >"$WORK/run.out" 2>&1; then
    echo "the run $1 failed:" >&2
    tail -5 "$WORK/run.out" >&2
    exit 1
  fi
}

# calm WAY TIMES: a client with a connection of its own, in the background; its report is $WORK/calm.json.
calm() {
  local seconds=$((SECONDS_WARMUP + SECONDS_RUN + AFTER))
  rm -f "$WORK/calm.json"
  "$LOAD" bench --grpc "$GRPC" --rest "$REST" --cpu "$CPU_LOAD" --protocol grpc --mode stream --connections 1 --rate 50 --work-delay-ms 0 \
    --deploy false --process-id calm --job-type calm --payload 100 --duration "$seconds" --drain 2 --quiet --json "$WORK/calm.json" \
    >"$WORK/calm.out" 2>&1 &
  CALM_PID=$!
}

# row WAY TIMES JSON: one line of the table with its verdict; exit code 1 for a bad one.
row() {
  python3 - "$@" "$ceiling" "$ceiling_cpu_ms" "$WORK/calm.json" <<'PYTHON'
import json, sys
way, times, path, ceiling, ceiling_cpu, calm = sys.argv[1], float(sys.argv[2]), sys.argv[3], float(sys.argv[4]), float(sys.argv[5]), sys.argv[6]
report, calm = json.load(open(path)), json.load(open(calm))
rates, counts, latencies, server = report["rates"], report["counts"], report["latencies"], report["server"]
p99 = lambda name: latencies.get(name, {}).get("p99_ms", 0.0)
share = rates["completed_per_second"] / ceiling
# Of the window, as the server's CPU is.
refused = counts["refused"]
per_refusal = (server["cpu_seconds"] * 1000 - counts["completed"] * ceiling_cpu) * 1000 / refused if refused else 0.0
ended = report["started_unix_ms"] + (report["warmup_seconds"] + report["window_seconds"]) * 1000
recovered = max(0.0, (calm["last_trouble_unix_ms"] or 0) - ended) / 1000
wanted = {1.5: 0.95, 3.0: 0.85, 10.0: 0.30}.get(times, min(times, 0.95))
wrong = []
if share < wanted: wrong.append(f"completed {share:.0%} of the ceiling, wanted {wanted:.0%}")
if p99("create_acknowledged") > 200: wrong.append("accepted too slowly")
if refused and p99("create_refused") > 50: wrong.append("refused too slowly")
if per_refusal > 5: wrong.append("refusals cost too much")
if counts["failed"]: wrong.append(f"{counts['failed']} failed")
if recovered > 5: wrong.append(f"not well after {recovered:.1f} s")
print(f"{way:<12} {times:>5g} {rates['offered_per_second']:>8.0f} {rates['sent_per_second']:>8.0f} {rates['created_per_second']:>8.0f} "
      f"{rates['refused_per_second']:>8.0f} {rates['completed_per_second']:>9.0f} {share:>6.0%} {p99('create_acknowledged'):>9.1f} "
      f"{p99('create_refused'):>9.1f} {counts['failed']:>7} {per_refusal:>8.1f} {server['resident_bytes']['max'] / 2**20:>8.0f} "
      f"{recovered:>6.1f} {server['cores']:>5.2f} {report['load']['cores']:>5.2f}  {'; '.join(wrong) or 'good'}")
sys.exit(bool(wrong))
PYTHON
}

# Creations of this report that were refused, from the first on.
refusals_told() {
  python3 -c '
import json, sys
errors = json.load(open(sys.argv[1]))["errors"]
print(sum(e["count"] for e in errors if e["operation"] == "create" and e["status"] in ("ResourceExhausted", "HTTP 503")))
' "$1"
}

[ -z "$SHARE" ] || echo "the server is held to $SHARE hundredths of a CPU, in pieces of $((PERIOD_US / 1000)) ms"
printf '%-12s %5s %8s %8s %8s %8s %9s %6s %9s %9s %7s %8s %8s %6s %5s %5s  %s\n' way times offered sent accepted refused completed share \
  "p99 acc." "p99 ref." failed "us/ref." "MiB max" "s well" srv tool verdict
for way in "${ways[@]}"; do
  read -ra arguments <<<"$(way_arguments "$way")"
  start_server "$way" ${SERVER_ARGS:-}
  hold_server
  # The calm client's process.
  "$LOAD" bench --grpc "$GRPC" --rest "$REST" --rate 50 --duration 0.2 --process-id calm --job-type calm --quiet >/dev/null 2>&1
  run "overload/$way/ceiling" --in-flight 256 --work-delay-ms 0 "${arguments[@]}"
  ceiling=$(figure "$LAST_JSON" rates/completed_per_second)
  ceiling_cpu_ms=$(figure "$LAST_JSON" server/cpu_ms_per_instance)
  told=$(refusals_told "$LAST_JSON")
  printf '%-12s %5s %72.0f   (ceiling, %.4f ms of CPU an instance; cores: server %.2f, tool %.2f)\n' "$way" - "$ceiling" \
    "$ceiling_cpu_ms" "$(figure "$LAST_JSON" server/cores)" "$(figure "$LAST_JSON" load/cores)"
  for times in ${TIMES:-1.5 3 10}; do
    rate=$(python3 -c "print(round($ceiling * $times))")
    calm "$way" "$times"
    run "overload/$way/$times" --rate "$rate" --work-delay-ms 0 --drain 3 "${arguments[@]}"
    load_json=$LAST_JSON
    wait "$CALM_PID" || { echo "the calm client failed:" >&2; tail -5 "$WORK/calm.out" >&2; exit 1; }
    told=$((told + $(refusals_told "$load_json") + $(refusals_told "$WORK/calm.json")))
    row "$way" "$times" "$load_json" || failed=1
  done
  # Figures are published each second.
  sleep 1.2
  counted=$(get "$MANAGEMENT" /metrics | awk '/^ringbolt_refusals_total.*class="new_work"/ { sum += $NF } END { printf "%d", sum }')
  echo "$way: refusals by the server's count $counted, by its clients' $told"
  stop_server
  release_server
done
exit $failed
