#!/usr/bin/env bash
# How many one-task instances one core completes, and what each costs it: closed loop, 1 KiB of variables.
# Prints a report for gRPC with a job stream, REST with long polls, and REST with a job stream.
# usage: perf/one-task-ceiling.sh [in flight, 256]
. "$(dirname "$0")/lib.sh"
in_flight=${1:-256}
run() {
  start_server "$1"
  bench "one_task/$1" --in-flight "$in_flight" --payload 1024 "${@:2}"
  summary+="$1: $(figure "$LAST_JSON" rates/completed_per_second | cut -d. -f1) completed/s, $(figure "$LAST_JSON" server/cpu_ms_per_instance) ms server CPU each"$'\n'
  stop_server
}
summary=
run grpc_stream --protocol grpc --mode stream
run rest_poll --protocol rest --mode poll
run rest_stream --protocol rest --mode stream
printf '\n%s' "$summary"
