#!/usr/bin/env bash
# Time from the start on an empty directory to the banner and to the first acknowledged creation; then memory and CPU at rest.
# usage: perf/startup.sh [starts, 5] [seconds at rest, 20]
. "$(dirname "$0")/lib.sh"
starts=${1:-5}
rest=${2:-20}
for start in $(seq "$starts"); do
  began=$EPOCHREALTIME
  start_server "empty$start"
  banner=$(since "$began")
  deploy_sample
  deployed=$(since "$began")
  create_one
  echo "start $start: banner after $banner ms, deployed after $deployed ms, first instance acknowledged after $(since "$began") ms"
  [ "$start" = "$starts" ] || stop_server
done
before=$(cpu_ticks "$SERVER_PID")
sleep "$rest"
echo "at rest after $rest s: $(memory "$SERVER_PID")CPU $((($(cpu_ticks "$SERVER_PID") - before) * 10)) ms in $rest s"
stop_server
