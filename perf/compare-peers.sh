#!/usr/bin/env bash
# The same load on Ringbolt, Zeebe and Nano BPM, one after the other, each pinned to one CPU and the load to another.
# PEERS_DIR has run-zeebe.sh (built with mvn, or JAVA_HOME of a JDK 21 or newer and mvn to build a copy) and run-nano.sh.
# Zeebe is warmed up for SECONDS_WARMUP_ZEEBE (180) before it is quoted, and gets no more than 64 instances in flight.
# usage: perf/compare-peers.sh PEERS_DIR
. "$(dirname "$0")/lib.sh"
peers=${1:?usage: perf/compare-peers.sh PEERS_DIR}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# A port nobody listens on; Zeebe also takes the two after it.
free_port() {
  python3 -c '
import socket
while True:
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        port = first.getsockname()[1]
        try:
            for other in (port + 1, port + 2):
                with socket.socket() as s: s.bind(("127.0.0.1", other))
        except OSError:
            continue
        print(port)
        break
'
}

# listens PID PORT: whether that process itself listens there, so that no other server is ever loaded by mistake.
listens() {
  local hex inode
  hex=$(printf ':%04X' "$2")
  for inode in $(awk -v p="$hex" '$4 == "0A" && substr($2, length($2) - 4) == p { print $10 }' /proc/net/tcp /proc/net/tcp6); do
    if find "/proc/$1/fd" -lname "socket:\[$inode\]" 2>/dev/null | grep -q .; then return 0; fi
  done
  return 1
}

wait_for() {
  for _ in $(seq 600); do
    listens "$1" "$2" && return
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
  done
  echo "peer $1 does not listen on $2" >&2
  exit 1
}

peer_bench() {
  "$LOAD" bench ${MACHINE:+--machine "$MACHINE"} --cpu "$CPU_LOAD" --server-pid "$PEER" --duration "$SECONDS_RUN" --quiet "$@"
}

echo "=== Ringbolt"
start_server ringbolt
bench compare/grpc --in-flight 64 --protocol grpc --mode stream
bench compare/rest --in-flight 64 --protocol rest --mode poll
bench compare/paced_grpc --protocol grpc --mode stream
bench compare/paced_rest --protocol rest --mode poll
stop_server

echo "=== Nano BPM (REST)"
# Its script empties a folder below the directory it is given: that directory is ours.
port=$(free_port)
bash "$peers/run-nano.sh" "$WORK/nano" "$port" "$CPU_SERVER"
PEER=$(cat "$WORK/nano/pid")
STARTED+=("$PEER")
wait_for "$PEER" "$port"
peer_bench --rest "127.0.0.1:$port" --protocol rest --mode poll --in-flight 64 --warmup "$SECONDS_WARMUP"
peer_bench --rest "127.0.0.1:$port" --protocol rest --mode poll --warmup "$SECONDS_WARMUP"
kill "$PEER"

echo "=== Zeebe (gRPC)"
cp -r "$peers" "$WORK/peers"
chmod -R u+w "$WORK/peers"
[ -d "$WORK/peers/target/lib" ] || (cd "$WORK/peers" && mvn -q -s settings.xml package >/dev/null 2>&1)
port=$(free_port)
PEER_JAVA=$java PEER_DATA="$WORK/zeebe" PEER_PORT=$port PEER_CPUS=$CPU_SERVER \
  "$WORK/peers/run-zeebe.sh" >"$WORK/zeebe.log" 2>&1 &
PEER=$!
STARTED+=("$PEER")
wait_for "$PEER" "$port"
sleep 5
peer_bench --grpc "127.0.0.1:$port" --mode both --in-flight 64 --warmup "${SECONDS_WARMUP_ZEEBE:-180}"
peer_bench --grpc "127.0.0.1:$port" --mode stream --warmup "$SECONDS_WARMUP"
kill "$PEER"
