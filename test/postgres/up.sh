#!/usr/bin/env bash
# Starts a PostgreSQL server of its own for the tests (Debian package `postgresql`): loopback only, a fresh folder,
# no fsync. Prints its URL on the last line. `down.sh` stops it and removes the folder.
#   up.sh [FOLDER] [PORT]
set -euo pipefail

folder=${1:-/tmp/smallest-postgres}
port=${2:-54391}
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL is not installed: apt-get install postgresql" >&2; exit 1; }

# The server refuses to run as root.
as_server() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups "$@")
  else
    "$@"
  fi
}

if [ -f "$folder/postmaster.pid" ] && as_server "$bin/pg_ctl" -D "$folder" status >/dev/null; then
  echo "already running in $folder" >&2
else
  rm -rf "$folder"
  mkdir -p "$folder"
  [ "$(id -u)" != 0 ] || chown postgres: "$folder"
  as_server "$bin/initdb" -D "$folder" -U smallest -A trust --no-sync --encoding=UTF8 --locale=C.UTF-8 >&2
  # Its output must not hold the caller's: a pipe that a daemon inherits never ends.
  as_server "$bin/pg_ctl" -D "$folder" -w -t 60 -l "$folder/server.log" \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200" start >&2 </dev/null
fi

echo "postgres://smallest@127.0.0.1:$port/postgres"
