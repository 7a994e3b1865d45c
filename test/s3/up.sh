#!/bin/bash
# Starts a real S3 server for tests: a Ceph RADOS Gateway with one monitor and one object daemon that keeps its data
# in memory. Loopback only; everything else stays below FOLDER. Prints one line: the address for SMALLEST_TEST_S3.
# `down.sh` stops it and removes the folder. The first time, it installs the Debian packages, which takes root.
#   up.sh [FOLDER] [PORT]
set -euo pipefail

dir=$(realpath -m "${1:-/tmp/smallest-s3}")
bucket=smallest
access_key=testkey
secret_key=testsecret

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

install_packages() {
  for tool in ceph-mon ceph-osd ceph radosgw curl; do
    command -v "$tool" >/dev/null || missing=yes
  done
  [ -n "${missing:-}" ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
    ceph-mon ceph-osd ceph-common radosgw curl
}

configure() {
  mkdir -p "$dir"/{mon,osd,rgw,log}
  cat >"$conf" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = [v1:127.0.0.1:$mon_port]
auth cluster required = none
auth service required = none
auth client required = none
keyring = $dir/keyring
run dir = $dir
admin socket = $dir/\$name.asok
pid file = $dir/\$name.pid
log file = $dir/log/\$name.log
setuser match path =
ms bind msgr2 = false
mon allow pool size one = true
mon data avail warn = 2
mon data avail crit = 1
mon max pg per osd = 1000
mon warn on pool no redundancy = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 4294967296
[mon.a]
mon data = $dir/mon
public addr = 127.0.0.1:$mon_port
[osd.0]
osd data = $dir/osd
public addr = 127.0.0.1
cluster addr = 127.0.0.1
[client.rgw]
rgw data = $dir/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
rgw thread pool size = 32
rgw enable ops log = false
rgw enable usage log = false
rgw gc obj min wait = 1
rgw gc processor period = 5
rgw dns name = localhost
CONF
}

start_monitor() {
  ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *'
  ceph-authtool "$dir/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
  monmaptool --create --clobber --addv a "[v1:127.0.0.1:$mon_port]" \
    --fsid "$(sed -n 's/^fsid = //p' "$conf")" "$dir/monmap"
  ceph-mon -c "$conf" --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring"
  ceph-mon -c "$conf" -i a
}

start_object_daemon() {
  local id
  id=$(cat /proc/sys/kernel/random/uuid)
  timeout 60 ceph -c "$conf" osd new "$id" 0
  ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$id"
  ceph-osd -c "$conf" -i 0
  timeout 60 ceph -c "$conf" osd crush add osd.0 1.0 host=localhost root=default
}

start_gateway() {
  radosgw -c "$conf" -n client.rgw -k "$dir/keyring"
  for _ in $(seq 300); do
    if curl -s -o "$dir/answer" "http://127.0.0.1:$port/"; then
      break
    fi
    sleep 0.2
  done
  timeout 60 radosgw-admin -c "$conf" user create --uid=test --display-name=test \
    --access-key="$access_key" --secret-key="$secret_key"
}

make_bucket() {
  curl -sS --fail -X PUT --user "$access_key:$secret_key" --aws-sigv4 "aws:amz:us-east-1:s3" \
    -H "x-amz-content-sha256: $(sha256sum </dev/null | cut -d' ' -f1)" "http://127.0.0.1:$port/$bucket"
}

if [ -s "$dir/address" ] && curl -s -o /dev/null "$(cat "$dir/address")"; then
  echo "already running in $dir" >&2
  cat "$dir/address"
  exit
fi
bash "$(dirname "$0")/down.sh" "$dir"

conf=$dir/ceph.conf
port=${2:-$(free_port)}
mon_port=$(free_port)
mkdir -p "$dir"
# The daemons inherit what the script writes to: a pipe would stay open for as long as they run.
set +e
(
  set -e
  install_packages
  configure
  start_monitor
  start_object_daemon
  start_gateway
  make_bucket
) >"$dir/up.log" 2>&1 </dev/null
status=$?
set -e
if [ "$status" -ne 0 ]; then
  tail -n 20 "$dir/up.log" >&2
  echo "The S3 server did not start; all of its output is in $dir/up.log and $dir/log" >&2
  exit 1
fi
echo "http://$access_key:$secret_key@127.0.0.1:$port/$bucket" | tee "$dir/address"
