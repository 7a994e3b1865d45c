#!/bin/bash
# Stops the server that `up.sh` started, waits until it is gone and removes its folder.
#   down.sh [FOLDER]
set -uo pipefail

dir=$(realpath -m "${1:-/tmp/smallest-s3}")
[ -e "$dir/ceph.conf" ] || exit 0

for daemon in client.rgw osd.0 mon.a; do
  [ -f "$dir/$daemon.pid" ] || continue
  pid=$(cat "$dir/$daemon.pid")
  # A number in an old file may belong to another process by now.
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$dir/ceph.conf" || continue
  # Nothing in it is worth an orderly end, which takes seconds.
  kill -KILL "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
done
rm -rf "$dir"
