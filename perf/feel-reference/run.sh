#!/usr/bin/env bash
# Compares Ringbolt's FEEL with the reference engine on COUNT generated lines: run.sh [SEED] [COUNT]
# Needs a JDK (JAVA_HOME, 17 or newer), Maven, Python and cargo. Prints agreement and the classes of difference.
set -eu
cd "$(dirname "$0")"
seed=${1:-1} count=${2:-50000}
out=${PERF_OUT:-../out/feel-reference}
mkdir -p "$out"
out=$(cd "$out" && pwd)
[ -d "$out/lib" ] || mvn -q -B dependency:copy-dependencies -DoutputDirectory="$out/lib"
"${JAVA_HOME:?set JAVA_HOME to a JDK}/bin/javac" -nowarn -cp "$out/lib/*" -d "$out/classes" Ref.java
cargo build -q --release --example feel_jsonl -p ringbolt-feel
binary=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/examples/feel_jsonl
python3 generate.py "$seed" "$count" > "$out/questions.jsonl"
"$JAVA_HOME/bin/java" -cp "$out/classes:$out/lib/*" Ref < "$out/questions.jsonl" > "$out/reference.jsonl" 2> "$out/reference.log"
"$binary" 1750000000123 Europe/Berlin < "$out/questions.jsonl" > "$out/ringbolt.jsonl"
python3 compare.py "$out/questions.jsonl" "$out/reference.jsonl" "$out/ringbolt.jsonl" 3
