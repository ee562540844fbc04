#!/usr/bin/env bash
# What a create takes while heavy searches run: a store of finished instances, then a calm client at a steady rate, alone and beside two
# clients that search all variables by a text in their middle, in turn. The server's core is on one CPU, the load on the other, on which the
# searches run too, at their lower priority; where that is allowed it goes before all others there (SCHED_FIFO), as one that has its own machine.
# Prints p50 and p99 of each run, the ratio of the medians of the p99s (bar: 1.2), and the searches.
# usage: perf/heavy-search.sh [rounds, 3]      SECONDS_FILL (20)      SECONDS_RUN, SECONDS_WARMUP as in lib.sh (8 and 2)
export SECONDS_RUN=${SECONDS_RUN:-8} SECONDS_WARMUP=${SECONDS_WARMUP:-2}
. "$(dirname "$0")/lib.sh"
rounds=${1:-3}
if chrt --fifo 1 true 2>/dev/null; then
  printf '#!/bin/sh\nexec chrt --fifo 1 "%s" "$@"\n' "$LOAD" >"$WORK/load"
  chmod +x "$WORK/load"
  LOAD=$WORK/load
else
  echo "the client waits for its CPU like the searches: SCHED_FIFO is not allowed here"
fi
start_server heavy
SECONDS_RUN=${SECONDS_FILL:-20} bench fill --in-flight 256 --payload 200 --protocol grpc --mode stream >/dev/null
printf 'finished: %s instances\n' "$(figure "$LAST_JSON" counts/completed)"
sleep 3

# search SECONDS: one client's searches, one after the other; prints how many there were and the longest, milliseconds.
search() {
  python3 - "$REST" "$1" <<'PYTHON'
import http.client, json, sys, time
host, seconds = sys.argv[1], float(sys.argv[2])
end, took = time.monotonic() + seconds, []
body = json.dumps({"filter": {"value": {"$like": "*no such text*"}}, "sort": [{"field": "value"}]})
while time.monotonic() < end:
    connection, began = http.client.HTTPConnection(host, timeout=60), time.monotonic()
    connection.request("POST", "/v2/variables/search", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    took.append((time.monotonic() - began, answer.status))
    connection.close()
print(len(took), round(1000 * max(t for t, _ in took)), sorted({s for _, s in took}))
PYTHON
}

calm() {
  bench "heavy/$1" --rate 200 --work-delay-ms 0 --payload 100 --protocol grpc --mode stream --connections 1 >/dev/null
  P99=$(figure "$LAST_JSON" latencies/create_acknowledged/p99_ms)
  printf '%-7s p50 %6.2f  p99 %6.2f ms; flush p50 %s  p99 %s  outside flushes p50 %s  p99 %s ms\n' "$1" "$(figure "$LAST_JSON" latencies/create_acknowledged/p50_ms)" "$P99" \
    $(for f in stages/flush/p50_ms stages/flush/p99_ms outside_flush/p50_sum_ms outside_flush/p99_sum_ms; do
      figure "$LAST_JSON" "server_metrics/$f" | cut -c1-6
    done)
}

alone=() beside=()
for _ in $(seq "$rounds"); do
  calm alone
  alone+=("$P99")
  for n in 1 2; do search $((SECONDS_RUN + SECONDS_WARMUP)) >"$WORK/search.$n" & searching+=($!); done
  calm beside
  beside+=("$P99")
  wait "${searching[@]}"
  searching=()
  cat "$WORK"/search.1 "$WORK"/search.2 | sed 's/^/        searches, longest ms, statuses: /'
done
python3 -c '
import statistics, sys
numbers = [float(a) for a in sys.argv[1:]]
n = len(numbers) // 2
print(f"create p99 beside heavy searches to alone: {statistics.median(numbers[n:]) / statistics.median(numbers[:n]):.2f}")
' "${alone[@]}" "${beside[@]}"
stop_server
