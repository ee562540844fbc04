#!/usr/bin/env bash
# More load than the server can do: its ceiling in a closed loop, then 1.5, 3 and 10 times that in an open one, then half
# of it again. One table a way of speaking, with a verdict for each line; at the end the server's count of refusals beside
# that of its clients.
# Creations are due at fixed times; what was due and neither acknowledged nor refused counts as failed. Where the tool cannot
# send what is offered, `sent` says what it could.
# usage: perf/overload.sh [WAY ...]   ways: grpc-1 grpc-64 rest-h2 rest-1000 (all)
. "$(dirname "$0")/lib.sh"
ways=("${@:-grpc-1}")
[ $# -gt 0 ] || ways=(grpc-1 grpc-64 rest-h2 rest-1000)
told=0

way_arguments() {
  case $1 in
    grpc-*) echo "--protocol grpc --mode stream --connections ${1#grpc-}" ;;
    rest-h2) echo "--protocol rest --mode poll --http2" ;;
    rest-*) echo "--protocol rest --mode poll --connections ${1#rest-}" ;;
    *) echo "unknown way $1" >&2 && exit 1 ;;
  esac
}

# row WAY TIMES JSON: one line of the table with its verdict.
row() {
  python3 - "$@" "$ceiling" "$ceiling_cpu_ms" <<'PYTHON'
import json, sys
way, times, path, ceiling, ceiling_cpu = sys.argv[1], float(sys.argv[2]), sys.argv[3], float(sys.argv[4]), float(sys.argv[5])
report = json.load(open(path))
rates, counts, latencies = report["rates"], report["counts"], report["latencies"]
server = report["server"]
p99 = lambda name: latencies.get(name, {}).get("p99_ms", 0.0)
share = rates["completed_per_second"] / ceiling
refused = counts["refused"]
spent = server["cpu_seconds"] * 1000 - counts["completed"] * ceiling_cpu
wanted = {1.5: 0.95, 3.0: 0.85, 10.0: 0.30, 0.5: 0.49}[times]
wrong = []
if share < wanted: wrong.append(f"completed {share:.0%} of the ceiling, wanted {wanted:.0%}")
if p99("create_acknowledged") > 200: wrong.append("accepted too slowly")
if refused and p99("create_refused") > 50: wrong.append("refused too slowly")
if counts["failed"]: wrong.append(f"{counts['failed']} failed")
if times < 1 and refused: wrong.append("still refuses")
print(f"{way:<10} {times:>5g} {rates['offered_per_second']:>9.0f} {rates['sent_per_second']:>9.0f} {rates['created_per_second']:>9.0f} "
      f"{rates['refused_per_second']:>9.0f} {rates['completed_per_second']:>9.0f} {share:>6.0%} {p99('create_acknowledged'):>9.1f} "
      f"{p99('create_refused'):>9.1f} {counts['failed']:>7} {spent * 1000 / refused if refused else 0:>8.1f} "
      f"{server['resident_bytes']['max'] / 2**20:>8.0f}  {'; '.join(wrong) or 'good'}")
PYTHON
}

refusals_told() {
  python3 -c '
import json, sys
errors = json.load(open(sys.argv[1]))["errors"]
print(sum(e["count"] for e in errors if e["operation"] == "create" and ("ResourceExhausted" in e["status"] or "RESOURCE_EXHAUSTED" in e["status"] or "503" in e["status"])))
' "$1"
}

printf '%-10s %5s %9s %9s %9s %9s %9s %6s %9s %9s %7s %8s %8s  %s\n' way times offered sent accepted refused completed share \
  "p99 acc." "p99 ref." failed "us/ref." "MiB max" verdict
for way in "${ways[@]}"; do
  read -ra arguments <<<"$(way_arguments "$way")"
  start_server "$way"
  bench "overload/$way/ceiling" --in-flight 256 --work-delay-ms 0 "${arguments[@]}" >/dev/null 2>&1
  ceiling=$(figure "$LAST_JSON" rates/completed_per_second)
  ceiling_cpu_ms=$(figure "$LAST_JSON" server/cpu_ms_per_instance)
  told=$(refusals_told "$LAST_JSON")
  printf '%-10s %5s %79.0f   (ceiling, %.4f ms of CPU an instance)\n' "$way" - "$ceiling" "$ceiling_cpu_ms"
  for times in 1.5 3 10 0.5; do
    rate=$(python3 -c "print(round($ceiling * $times))")
    bench "overload/$way/$times" --rate "$rate" --work-delay-ms 0 "${arguments[@]}" >/dev/null 2>&1
    told=$((told + $(refusals_told "$LAST_JSON")))
    row "$way" "$times" "$LAST_JSON"
  done
  counted=$(get "$MANAGEMENT" /metrics | awk '/^ringbolt_refusals_total.*class="new_work"/ { sum += $NF } END { printf "%d", sum }')
  echo "$way: refusals by the server's count $counted, by its clients' $told"
  stop_server
done
