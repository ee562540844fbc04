#!/usr/bin/env bash
# Records (or checks) what the reference engine answers to tests/scenarios.
# usage: tests/reference/run.sh record|check|fields [NAME...]     or: tests/reference/run.sh serve PORT
# Needs a JDK of 21 or newer in JAVA_HOME, Maven, and Maven Central for the first build.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
(cd "$here" && mvn -q -B compile) >&2
mode=${1:-check}
[ $# -gt 0 ] && shift
[ "$mode" = serve ] || set -- "${RINGBOLT_SCENARIOS:-$root/tests/scenarios}" "$@"
exec "$java" -Xmx1g --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -cp "$root/target/reference/classes:$root/target/reference/lib/*" ringbolt.reference.Main "$mode" "$@"
