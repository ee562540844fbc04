#!/usr/bin/env bash
# How long does one evaluation take here, in Camunda's FEEL and DMN engines, and in dsntk?
# Needs a JDK (JAVA_HOME, 17 or newer), Maven, Python and cargo. dsntk's first compilation takes minutes; without it:
#   ENGINES="ringbolt camunda" perf/feel-compare.sh
# CPU pins the measured process (0), ROUNDS runs all engines that often, one after the other, and takes the least;
# HISTORY=FILE appends the figures, with MACHINE as their machine.
set -eu
cd "$(dirname "$0")/feel-compare"
root=$(cd ../.. && pwd)
out=${PERF_OUT:-../out/feel-compare}
cpu=${CPU:-0} rounds=${ROUNDS:-2} engines=${ENGINES:-ringbolt camunda dsntk}
mkdir -p "$out"
out=$(cd "$out" && pwd)
python3 cases.py "$out"

target() { # FOLDER: where cargo puts what it builds there
  (cd "$1" && cargo metadata --format-version 1 --no-deps) | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])'
}

prepare() {
  case $1 in
    ringbolt) (cd "$root/benches" && cargo build -q --release -p ringbolt-bench-feel) ;;
    dsntk) (cd "$root/benches/feel-dsntk" && cargo build -q --release) ;;
    camunda)
      [ -d "$out/lib" ] || mvn -q -B dependency:copy-dependencies -DoutputDirectory="$out/lib"
      "${JAVA_HOME:?set JAVA_HOME to a JDK}/bin/javac" -nowarn -cp "$out/lib/*" -d "$out/classes" Compare.java
      ;;
  esac
}

run() {
  case $1 in
    ringbolt) taskset -c "$cpu" "$(target "$root/benches")/release/ringbolt-bench-feel" "$out" ;;
    dsntk) taskset -c "$cpu" "$(target "$root/benches/feel-dsntk")/release/ringbolt-bench-feel-dsntk" "$out" ;;
    # Not pinned: the JVM compiles and collects on threads of its own.
    camunda) "$JAVA_HOME/bin/java" -cp "$out/classes:$out/lib/*" Compare "$out" 2>"$out/camunda.log" ;;
  esac
}

for engine in $engines; do prepare "$engine"; done
: >"$out/figures"
for _ in $(seq "$rounds"); do
  for engine in $engines; do run "$engine" | sed "s/^/$engine /" >>"$out/figures"; done
done
python3 table.py "$out/figures" "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)" "${MACHINE:-unknown}" \
  ${HISTORY:+"$HISTORY"}
