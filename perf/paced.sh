#!/usr/bin/env bash
# Latencies at a calm pace: 150 instances a second, 50 ms of work, gRPC with a job stream, then REST with long polls.
# Every latency stands beside the flush times of the same window.
# usage: perf/paced.sh [rate, 150]
. "$(dirname "$0")/lib.sh"
rate=${1:-150}
start_server paced
bench "paced/grpc_stream" --rate "$rate" --work-delay-ms 50 --protocol grpc --mode stream
bench "paced/rest_poll" --rate "$rate" --work-delay-ms 50 --protocol rest --mode poll
stop_server
