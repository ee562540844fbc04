#!/usr/bin/env bash
# Runs real clients, as their users install them, against a running server.
# usage: tests/clients/run.sh [NAME...]      names, all of them without any:
#   pyzeebe        gRPC by Python: streams and polls; the only client that is not Camunda's own
#   python_10      camunda-orchestration-sdk 10.0.1: refuses answers that lack a member of 8.10
#   sdk_grpc, sdk_rest   @camunda8/sdk: both protocols by an SDK of 8.8, which ignores what it does not know
#   orchestration  @camunda8/orchestration-cluster-api: checks requests and answers against its schema
#   java_grpc, java_rest   camunda-client-java: its mappers refuse enums that they do not know; what Spring and Connectors use
#   process_test   camunda-process-test-java in remote mode: for a server with --test-endpoints, which it purges (not part of all)
#   python_9       camunda-orchestration-sdk 9.0.1, for a server at level 8.9 (not part of all)
#   pages          the pages for people, in a browser: tests/web (not part of all)
#   book           what the first pages of the documentation say, with workers in all languages; RINGBOLT_BINARY is the binary (not part of all)
#   and the same with _refused: what they do while most new work is refused (all of them too where RINGBOLT_MANAGEMENT, host:port, is given)
#   RINGBOLT_REST (http://127.0.0.1:8080)  RINGBOLT_GRPC (127.0.0.1:26500): where the server listens
#   RINGBOLT_CA: a PEM file with the certificates to trust; then they speak TLS, and RINGBOLT_REST is an https address (not sdk_grpc)
#   RINGBOLT_SKIP: names of steps and checks that the server is known to fail, comma separated
#   RINGBOLT_TENANTS: tenants of the streams, for a server that wants them named
#   RINGBOLT_VALIDATION: how @camunda8/orchestration-cluster-api checks against its schema (req:strict,res:strict)
# Needs python3, Node.js 20 and a JDK of 17 or newer with Maven, each only for its own clients, and for the first
# run their package registries. Installs below target/clients. Ends with 1 if any client failed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$here/../.." && pwd)/target/clients
mkdir -p "$out"

# Runs an installation once for each content of the file that pins its versions.
install() { # NAME PINNED-FILE COMMAND...
  local name=$1 pinned=$2 stamp
  shift 2
  stamp="$out/.$name-$(sha256sum "$pinned" | cut -c1-16)"
  [ -e "$stamp" ] && return 0
  rm -f "$out/.$name-"*
  "$@" >"$out/$name.log" 2>&1 || { echo "FAIL install $name:"; tail -20 "$out/$name.log"; return 1; }
  touch "$stamp"
}

install_python() {
  rm -rf "$out/py" && python3 -m venv "$out/py" && "$out/py/bin/pip" install -r "$here/python/requirements.txt"
}

# The SDK's major version is the level of the API that it has.
install_orchestration() { # VERSION
  rm -rf "$out/py$1" && python3 -m venv "$out/py$1" \
    && "$out/py$1/bin/pip" install -r "$here/python/orchestration.txt" "camunda-orchestration-sdk==$1"
}

run_python() { # VERSION
  install "python_$1" "$here/python/orchestration.txt" install_orchestration "$1" \
    && "$out/py$1/bin/python" "$here/python/orchestration.py"
}

install_node() {
  mkdir -p "$out/node" && cp "$here"/node/{package.json,package-lock.json,.npmrc} "$out/node/" && (cd "$out/node" && npm ci)
}

# Runs a command while the server refuses most new work.
refused() {
  python3 "$here/refusing.py" "${RINGBOLT_MANAGEMENT:-127.0.0.1:9600}" "$@"
}

run_node() {
  install node "$here/node/package-lock.json" install_node || return 1
  cp "$here"/node/*.mjs "$here"/{one_task,listened_task,one_message,one_signal}.bpmn "$here/decision.dmn" "$out/node/"
  case $1 in
    *_refused) (cd "$out/node" && refused node refused.mjs "${1%_refused}") ;;
    *) (cd "$out/node" && NODE_EXTRA_CA_CERTS=${RINGBOLT_CA:-} node "$1.mjs") ;;
  esac
}

run_java() {
  (cd "$here/java" && mvn -q -B compile >"$out/java.log" 2>&1) || { echo "FAIL build java:"; tail -20 "$out/java.log"; return 1; }
  local run=()
  [ "$2" != Refused ] || run=(refused)
  ${run[@]+"${run[@]}"} "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Dorg.slf4j.simpleLogger.defaultLogLevel=off \
    -cp "$out/java/classes:$out/java/lib/*" "$2" "$1" "$here/one_task.bpmn" 2> >(grep -v '^WARNING: ' >&2)
}

# The module's tests; its own client is that of its version.
run_process_test() {
  (cd "$here/process_test" && RINGBOLT_MODEL="$here/one_task.bpmn" RINGBOLT_REST="${RINGBOLT_REST:-http://127.0.0.1:8080}" \
    RINGBOLT_GRPC="${RINGBOLT_GRPC:-127.0.0.1:26500}" RINGBOLT_MANAGEMENT="${RINGBOLT_MANAGEMENT:-127.0.0.1:9600}" \
    mvn -q -B test >"$out/process_test.log" 2>&1) || { echo "FAIL process test:"; tail -40 "$out/process_test.log"; return 1; }
  grep -h '^PASS' "$out/process_test.log"
}

# The documentation's programs, with the clients that the others have installed.
run_book() {
  install python "$here/python/requirements.txt" install_python && install node "$here/node/package-lock.json" install_node || return 1
  (cd "$here/java" && mvn -q -B compile >"$out/java.log" 2>&1) || { echo "FAIL build java:"; tail -20 "$out/java.log"; return 1; }
  PATH="${JAVA_HOME:+$JAVA_HOME/bin:}$PATH" BOOK_PYTHON="$out/py/bin/python" BOOK_NODE="$out/node" BOOK_JAVA="$out/java/lib/*" \
    python3 "$here/book.py" "${RINGBOLT_BINARY:?the binary}" python node java
}

all=(pyzeebe sdk_grpc sdk_rest orchestration java_grpc java_rest)
[ -z "${RINGBOLT_MANAGEMENT:-}" ] || all+=("${all[@]/%/_refused}")
all+=(python_10)
[ $# -gt 0 ] || set -- "${all[@]}"
failed=0
for name in "$@"; do
  case $name in
    pyzeebe) install python "$here/python/requirements.txt" install_python && "$out/py/bin/python" "$here/python/check.py" ;;
    pyzeebe_refused) install python "$here/python/requirements.txt" install_python && refused "$out/py/bin/python" "$here/python/refused.py" ;;
    process_test) run_process_test ;;
    book) run_book ;;
    pages) "$here/../web/run.sh" "${RINGBOLT_REST:-http://127.0.0.1:8080}" ;;
    python_9) run_python 9.0.1 ;;
    python_10) run_python 10.0.1 ;;
    sdk_grpc* | sdk_rest* | orchestration*) run_node "$name" ;;
    java_grpc | java_rest) run_java "${name#java_}" Check ;;
    java_grpc_refused | java_rest_refused) name=${name%_refused} && run_java "${name#java_}" Refused ;;
    *) echo "no such client: $name" && false ;;
  esac || { failed=1; echo "FAILED $name"; }
done
exit $failed
