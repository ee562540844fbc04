#!/usr/bin/env bash
# What 32 KiB of variables cost that nobody reads: closed loop, gRPC with a job stream, then REST with long polls.
# usage: perf/large-payload.sh [bytes, 32768] [in flight, 64]
. "$(dirname "$0")/lib.sh"
bytes=${1:-32768}
in_flight=${2:-64}
start_server large
bench "payload_$bytes/grpc_stream" --in-flight "$in_flight" --payload "$bytes" --protocol grpc --mode stream
bench "payload_$bytes/rest_poll" --in-flight "$in_flight" --payload "$bytes" --protocol rest --mode poll
stop_server
