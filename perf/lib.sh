# Sourced by the scripts beside it: start a server of our own, load it, stop it.
#
# Everything lives in a directory that is made here and removed at the end; ports are free ones that the server names in its
# banner; only processes that were started here are ended, by their id.
#   RINGBOLT   the binary (target/release/ringbolt)     LOAD       what makes the load (the same binary)
#   PERF_DIR   where data directories go (a real disk)  CPU_SERVER, CPU_LOAD   pinning (0 and 1)
#   SECONDS_RUN, SECONDS_WARMUP   length of a run       HISTORY    append figures to this file
#   MACHINE    what reports and history call this machine; say so there if it has other work to do
set -eu
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
RINGBOLT=${RINGBOLT:-$ROOT/target/release/ringbolt}
LOAD=${LOAD:-$RINGBOLT}
CPU_SERVER=${CPU_SERVER:-0}
CPU_LOAD=${CPU_LOAD:-1}
SECONDS_RUN=${SECONDS_RUN:-20}
SECONDS_WARMUP=${SECONDS_WARMUP:-5}
COMMIT=$(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -x "$RINGBOLT" ] || { echo "$RINGBOLT is missing: cargo build --release" >&2; exit 1; }
WORK=$(mktemp -d "${PERF_DIR:-${TMPDIR:-/tmp}}/ringbolt-perf.XXXXXX")
STARTED=()

# is_ours PID: a number may belong to a stranger by now; ours have our directory on their command line.
is_ours() {
  tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF "$WORK"
}

finish() {
  for pid in ${STARTED[@]+"${STARTED[@]}"}; do
    if is_ours "$pid"; then
      kill "$pid" 2>/dev/null || true
      for _ in $(seq 100); do is_ours "$pid" || break; sleep 0.1; done
    fi
  done
  rm -rf "$WORK"
}
trap finish EXIT

# start_server NAME [arguments]: sets SERVER_PID, REST, GRPC, MANAGEMENT (host:port each). The same name finds the same data.
start_server() {
  local name=$1 log="$WORK/$1.log"
  shift
  : >"$log"
  "$RINGBOLT" start --data-dir "$WORK/$name" --cores "$CPU_SERVER" --rest 127.0.0.1:0 --grpc 127.0.0.1:0 \
    --management 127.0.0.1:0 "$@" >"$log" 2>"$log.err" &
  SERVER_PID=$!
  STARTED+=("$SERVER_PID")
  local began=$EPOCHREALTIME
  until [ "$(grep -cE '^ *(rest|grpc|management) ' "$log")" = 3 ]; do
    if ! kill -0 "$SERVER_PID" 2>/dev/null || [ "$(since "$began")" -gt "${START_MS_MAX:-60000}" ]; then
      echo "the server does not come up:" >&2
      cat "$log" "$log.err" >&2
      exit 1
    fi
    sleep 0.001
  done
  local word address
  while read -r word address _; do
    address=${address#http://}
    case $word in
      rest) REST=${address%%/*} ;;
      grpc) GRPC=$address ;;
      management) MANAGEMENT=${address%%/*} ;;
    esac
  done <"$log"
}

stop_server() {
  kill "$SERVER_PID"
  wait "$SERVER_PID" || echo "the server ended with an error" >&2
}

# bench LABEL [arguments]: one measured run against the server; its report is in $WORK/LABEL.json.
bench() {
  local label=$1 json="$WORK/${1//\//_}.json"
  shift
  "$LOAD" bench --grpc "$GRPC" --rest "$REST" --cpu "$CPU_LOAD" --server-pid "$SERVER_PID" --server-metrics "$MANAGEMENT" \
    --duration "$SECONDS_RUN" --warmup "$SECONDS_WARMUP" --quiet --json "$json" \
    ${MACHINE:+--machine "$MACHINE"} ${HISTORY:+--history "$HISTORY" --label "$label" --commit "$COMMIT"} "$@"
  LAST_JSON=$json
}

# figure JSON PATH: one number of a report, as in  figure r.json server.cpu_ms_per_instance
figure() {
  python3 -c '
import functools, json, sys
print(functools.reduce(lambda v, k: v.get(k) if isinstance(v, dict) else None, sys.argv[2].split("/"), json.load(open(sys.argv[1]))))
' "$1" "$2"
}

# memory PID: what the kernel accounts, in MiB.
memory() {
  awk '/^(VmRSS|RssAnon|RssFile|VmHWM):/ { printf "%s %.1f MiB  ", $1, $2 / 1024 } END { print "" }' "/proc/$1/status"
}

# cpu_ticks PID: user and system time since its start, in hundredths of a second.
cpu_ticks() {
  sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# since TIME: milliseconds since an earlier $EPOCHREALTIME.
since() {
  echo $(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 1000))
}

# post HOST:PORT PATH TYPE BODY: one request without a process of its own; prints the status.
post() {
  local status
  exec 7<>"/dev/tcp/${1%:*}/${1##*:}"
  printf 'POST %s HTTP/1.1\r\nhost: %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s' \
    "$2" "$1" "$3" "${#4}" "$4" >&7
  read -r _ status _ <&7
  exec 7<&- 7>&-
  echo "$status"
}

# get HOST:PORT PATH: the whole answer, head included.
get() {
  exec 7<>"/dev/tcp/${1%:*}/${1##*:}"
  printf 'GET %s HTTP/1.1\r\nhost: %s\r\nconnection: close\r\n\r\n' "$2" "$1" >&7
  cat <&7
  exec 7<&- 7>&-
}

deploy_sample() {
  local body
  body=$(printf -- '--perf\r\ncontent-disposition: form-data; name="resources"; filename="one_task.bpmn"\r\n\r\n%s\r\n--perf--\r\n' \
    "$(<"$ROOT/docs/samples/one_task.bpmn")")
  [ "$(post "$REST" /v2/deployments 'multipart/form-data; boundary=perf' "$body")" = 200 ]
}

create_one() {
  [ "$(post "$REST" /v2/process-instances application/json "{\"processDefinitionId\":\"${1:-one_task}\"}")" = 200 ]
}
