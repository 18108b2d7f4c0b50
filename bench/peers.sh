#!/bin/sh
# Compares Lanewise with other runtimes: builds what is needed, runs, writes target/peers. For the
# options: bench/peers.sh --help. Downloads the peers (about 150 MB) the first time.
#   JAVA_HOME     the JDK to try first, 25 or newer
#   PEERS_BUILD   "never" to run what has been built
set -eu
cd "$(dirname "$0")/.."

java=
for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /usr/java/* /opt/*jdk* "${HOME:-/}"/.jdks/* \
  "${SDKMAN_DIR:-${HOME:-/}/.sdkman}"/candidates/java/* \
  /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  if grep -Eqs '^JAVA_VERSION="(2[5-9]|[3-9][0-9])' "$home/release" && [ -x "$home/bin/java" ]; then
    java=$home/bin/java
    break
  fi
done
if [ -z "$java" ]; then
  echo "peers.sh: no JDK 25 or newer found: set JAVA_HOME to one" >&2
  exit 1
fi

classpath=bench/peers/target/classpath.txt
if [ "${PEERS_BUILD:-}" != never ] || [ ! -f "$classpath" ]; then
  mvn -B -q -Ppeers -pl bench,bench/peers -am -DskipTests -Dformat.skip=true package
fi
exec "$java" --add-modules=jdk.incubator.vector \
  -cp "bench/peers/target/classes:$(cat "$classpath")" dev.lanewise.bench.peers.Peers "$@"
