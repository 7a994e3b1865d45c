#!/usr/bin/env bash
# Stops the server that `up.sh` started and removes its folder.
#   down.sh [FOLDER]
set -euo pipefail

folder=${1:-/tmp/smallest-postgres}
[ -f "$folder/postmaster.pid" ] || exit 0
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
stop=("$bin/pg_ctl" -D "$folder" -m immediate -w stop)
if [ "$(id -u)" = 0 ]; then
  (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "${stop[@]}") >&2
else
  "${stop[@]}" >&2
fi
rm -rf "$folder"
