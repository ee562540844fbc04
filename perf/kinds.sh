#!/usr/bin/env bash
# What an instance of each kind of process costs the server: closed loop, 1 KiB of variables, gRPC, jobs by stream, one core; user tasks that
# the engine keeps itself over REST, found by searches.
# Prints one line a kind. With BEFORE set to another binary the first kind runs with both in turn.
# usage: perf/kinds.sh [kind...]
. "$(dirname "$0")/lib.sh"
models=$HERE/models
kinds=("${@:-}")
[ -n "${kinds[0]}" ] || kinds=(one_task ten_tasks gateways multi_instance message call_activity user_task boundary_timer realistic native_user_task)

# arguments KIND: of the load.
arguments() {
  local model="--model $models/$1.bpmn --process-id $1"
  case $1 in
    one_task) echo "--in-flight 256" ;;
    ten_tasks) echo "$model --jobs-per-instance 10 --in-flight 64" ;;
    gateways) echo "$model --variables 30 --in-flight 256" ;;
    multi_instance) echo "$model --jobs-per-instance 50 --in-flight 16" ;;
    message) echo "$model --publish answer=question --in-flight 256" ;;
    user_task) echo "$model --job-type io.camunda.zeebe:userTask --in-flight 256" ;;
    call_activity | boundary_timer) echo "$model --in-flight 256" ;;
    realistic) echo "--scenario realistic --items 50 --in-flight 8" ;;
    *) echo "no such kind: $1" >&2; exit 2 ;;
  esac
}

# run KIND LABEL [server's arguments]
run() {
  local given
  if [ "$1" = native_user_task ]; then
    # Its keys are found by searches alone.
    start_server "$2"
    printf '%-28s %s\n' "$2" "$(taskset -c "$CPU_LOAD" python3 "$HERE/user_tasks.py" "$REST" "$SERVER_PID" \
      "$models/$1.bpmn" "$1" "$SECONDS_RUN" "$SECONDS_WARMUP")"
    stop_server
    return
  fi
  given=$(arguments "$1")
  start_server "$2" "${@:3}"
  # shellcheck disable=SC2086
  bench "kinds/$2" $given --payload 1024 >/dev/null
  printf '%-28s %9.0f completed/s  %8.4f ms CPU each  errors %s\n' "$2" \
    "$(figure "$LAST_JSON" rates/completed_per_second)" "$(figure "$LAST_JSON" server/cpu_ms_per_instance)" \
    "$(python3 -c 'import json,sys; print(sum(e["count"] for e in json.load(open(sys.argv[1]))["errors"]))' "$LAST_JSON")"
  stop_server
}

for kind in "${kinds[@]}"; do
  if [ -n "${BEFORE:-}" ]; then
    now=$RINGBOLT
    # A version without secondary storage does not know how to go without.
    grep -q no-secondary-storage <("$BEFORE" start --help) && without=--no-secondary-storage || without=
    RINGBOLT=$BEFORE run "$kind" "$kind before" ${without:+"$without"}
    RINGBOLT=$now
  fi
  run "$kind" "$kind" --no-secondary-storage
done
[ "${kinds[0]}" = native_user_task ] || run "${kinds[0]}" "${kinds[0]} searchable"
