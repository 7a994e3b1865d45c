#!/usr/bin/env bash
# Installs Smallest and starts it. Run again at any time: what is in place already stays, what is new is replaced.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: ./install.sh [OPTIONS]

Installs Smallest, starts it as a service (systemd where there is systemd, else as a background process) and prints
its address and, the first time, a key. Takes the executable `smallest` beside this script, else builds it from the
source tree, for which it needs Node and npm.

  --user           install for the present user only; needs no root
  --host ADDRESS   listen here (default 127.0.0.1; 0.0.0.0 opens it to the network)
  --port NUMBER    listen on this port (default 7171)
  --data DIR       keep data here (default /var/lib/smallest, for a user ~/.local/share/smallest)
  --binary FILE    install this executable
  --uninstall      stop and remove it; the data stays
USAGE
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scope=system
action=install
host='' port='' data='' binary=''
while [ $# -gt 0 ]; do
  case $1 in
    --user) scope=user ;;
    --uninstall) action=uninstall ;;
    --host | --port | --data | --binary)
      [ $# -ge 2 ] || fail "$1 needs a value"
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done
if [ -n "$port" ]; then
  if ! [[ $port =~ ^[0-9]+$ ]] || [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then fail "--port must be from 1 to 65535"; fi
fi
[[ $host =~ ^[0-9A-Za-z.:-]*$ ]] || fail "--host must be an address or a name"

if [ $scope = system ]; then
  [ "$(id -u)" = 0 ] || fail "run it as root, or with --user for yourself alone"
  program=/usr/local/bin/smallest
  data=${data:-/var/lib/smallest}
  unit=/etc/systemd/system/smallest.service
  account=smallest
  systemctl=(systemctl)
else
  program=$HOME/.local/bin/smallest
  data=${data:-${XDG_DATA_HOME:-$HOME/.local/share}/smallest}
  unit=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user/smallest.service
  account=$(id -un)
  systemctl=(systemctl --user)
fi
data=$(realpath -m "$data")
pid_file=$data/smallest.pid
log_file=$data/smallest.log

has_systemd() {
  [ -d /run/systemd/system ] && "${systemctl[@]}" show-environment >/dev/null 2>&1
}

# What makes a command run as the account of the service.
as_account=()
[ "$(id -un)" = "$account" ] || as_account=(setpriv --reuid="$account" --regid="$account" --init-groups)

# --- the executable

build() {
  command -v npm >/dev/null || fail "no executable beside this script, and no npm to build one: install Node.js 20 or later"
  say "Building Smallest ..." >&2
  (
    cd "$here"
    [ node_modules/.package-lock.json -nt package-lock.json ] || npm install --no-save
    npm run build
  ) >&2 || fail "the build failed"
  printf '%s' "$here/dist/smallest"
}

find_executable() {
  if [ -n "$binary" ]; then
    if ! [ -f "$binary" ] || ! [ -x "$binary" ]; then fail "$binary is no executable"; fi
    printf '%s' "$binary"
  elif [ -f "$here/smallest" ] && [ -x "$here/smallest" ]; then
    printf '%s' "$here/smallest"
  else
    build
  fi
}

# Copies the executable in place; succeeds only if that changed something.
install_executable() {
  local from=$1
  cmp -s "$from" "$program" && return 1
  mkdir -p "$(dirname "$program")"
  # A running program cannot be written to, but its name can be given to another file.
  install -m 755 "$from" "$program.new"
  mv "$program.new" "$program"
}

# --- settings

prepare_data() {
  if [ $scope = system ] && ! id -u "$account" >/dev/null 2>&1; then
    useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin "$account"
  fi
  mkdir -p "$data"
  chmod 700 "$data"
  [ "$(id -un)" = "$account" ] || chown "$account:" "$data"
}

# Succeeds only if that changed something.
write_setting() {
  local name=$1 value=$2 file=$data/smallest.toml
  grep -qxF "$name = $value" "$file" 2>/dev/null && return 1
  { grep -v "^$name *=" "$file" 2>/dev/null || true; printf '%s = %s\n' "$name" "$value"; } >"$file.new"
  mv "$file.new" "$file"
  [ "$(id -un)" = "$account" ] || chown "$account:" "$file"
}

setting() {
  sed -n "s/^$1 *= *\"\{0,1\}\([^\"]*\)\"\{0,1\} *$/\1/p" "$data/smallest.toml" 2>/dev/null | tail -n 1
}

# --- the service

unit_text() {
  cat <<UNIT
[Unit]
Description=Smallest, compressed and verified file storage
After=network-online.target
Wants=network-online.target

[Service]
ExecStart="$program" serve --data "$data"
Restart=on-failure
TimeoutStopSec=60
LimitNOFILE=65536
NoNewPrivileges=yes
UNIT
  if [ $scope = system ]; then
    cat <<UNIT
User=$account
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=yes
ReadWritePaths=$data

[Install]
WantedBy=multi-user.target
UNIT
  else
    printf '\n[Install]\nWantedBy=default.target\n'
  fi
}

background_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  # A number in an old file may belong to another process by now.
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$program serve" || return 1
  printf '%s' "$pid"
}

stop_background() {
  local pid
  pid=$(background_pid) || return 0
  kill "$pid"
  for _ in $(seq 600); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  rm -f "$pid_file"
}

is_running() {
  if has_systemd; then "${systemctl[@]}" -q is-active smallest; else background_pid >/dev/null; fi
}

start() {
  local changed=$1
  if has_systemd; then
    if [ "$(unit_text)" != "$(cat "$unit" 2>/dev/null)" ]; then
      mkdir -p "$(dirname "$unit")"
      unit_text >"$unit"
      "${systemctl[@]}" daemon-reload
      changed=yes
    fi
    "${systemctl[@]}" -q enable smallest
    if [ "$changed" = yes ]; then "${systemctl[@]}" restart smallest; else "${systemctl[@]}" start smallest; fi
  else
    [ "$changed" = no ] || stop_background
    is_running && return
    # It inherits nothing of ours: a pipe that a service holds never ends.
    # shellcheck disable=SC2016  # the inner shell fills these in
    (cd / && exec "${as_account[@]}" setsid sh -c 'echo $$ >"$1"; exec "$2" serve --data "$3" >>"$4" 2>&1' \
      sh "$pid_file" "$program" "$data" "$log_file") </dev/null >/dev/null 2>&1 &
    disown
  fi
}

recent_log() {
  if has_systemd; then
    if [ $scope = system ]; then journalctl -u smallest -n 15 --no-pager; else journalctl --user -u smallest -n 15 --no-pager; fi
  else
    tail -n 15 "$log_file"
  fi
}

# Asks once; an open port is not enough.
is_ready() {
  local status
  # shellcheck disable=SC2016  # the inner shell fills these in
  status=$(timeout 5 bash -c '
    exec 3<>"/dev/tcp/$1/$2"
    printf "GET /api/ready HTTP/1.0\r\nHost: %s\r\n\r\n" "$1" >&3
    head -n 1 <&3' bash "$1" "$2" 2>/dev/null) || return 1
  [[ $status == *" 200 "* ]]
}

wait_until_ready() {
  local address=$1 number=$2
  for _ in $(seq 150); do
    sleep 0.2
    if is_running && is_ready "$address" "$number"; then return; fi
  done
  recent_log >&2 || true
  fail "Smallest does not answer on $address:$number; its last words are above"
}

# --- the two actions

install_all() {
  local executable changed=no first=no key=''
  executable=$(find_executable)
  prepare_data
  if install_executable "$executable"; then changed=yes; fi
  if [ -n "$host" ] && write_setting host "\"$host\""; then changed=yes; fi
  if [ -n "$port" ] && write_setting port "$port"; then changed=yes; fi
  [ -e "$data/smallest.db" ] || first=yes
  if [ $first = yes ]; then
    # Made here, so that it is shown here and in no log.
    key=$(cd / && "${as_account[@]}" "$program" keys create --data "$data" --name installation --scopes read,write,delete,admin --json |
      sed -n 's/.*"key":"\([^"]*\)".*/\1/p')
    [ -n "$key" ] || fail "the first key could not be made"
  fi
  start $changed
  local address number
  address=$(setting host)
  number=$(setting port)
  address=${address:-127.0.0.1}
  number=${number:-7171}
  local local_address=$address
  case $address in 0.0.0.0 | ::) local_address=127.0.0.1 ;; esac
  wait_until_ready "$local_address" "$number"
  say "Smallest is running: http://$local_address:$number"
  if [ $first = yes ]; then
    say "Key: $key"
    say "Note the key now; it is shown this once. Sign in on the web page with it, or send it as x-api-key."
  else
    say "Keys are as they were; \`$program keys create --data $data --name NAME\` makes another."
  fi
  say "Data: $data"
}

uninstall_all() {
  if has_systemd && [ -e "$unit" ]; then
    "${systemctl[@]}" -q disable --now smallest
    rm -f "$unit"
    "${systemctl[@]}" daemon-reload
  fi
  stop_background
  rm -f "$program"
  say "Smallest is removed. The data stays in $data."
}

if [ $action = install ]; then install_all; else uninstall_all; fi
