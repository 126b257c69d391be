#!/usr/bin/env bash
# engine.sh start: makes sure that a Docker engine answers; where none does, Debian's is installed and
# started. engine.sh stop: stops it, if it was started here. Both need root only for that.
set -euo pipefail
readonly pid_file=/run/tts-trainer-dockerd.pid log=/var/log/tts-trainer-dockerd.log
readonly seconds=60

say() { printf 'engine: %s\n' "$*" >&2; }
answers() { docker info >/dev/null 2>&1; }

start() {
  answers && return
  if [[ $EUID -ne 0 ]]; then
    say "no Docker engine answers, and only root can start one: start it, or add yourself to the" \
      "group docker."
    exit 1
  fi
  if ! command -v dockerd >/dev/null || ! command -v iptables >/dev/null; then
    say "installing docker.io, docker-compose and iptables"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      docker.io docker-compose iptables debootstrap >/dev/null
  fi
  say "starting dockerd (log: $log)"
  setsid dockerd --pidfile "$pid_file" >"$log" 2>&1 &
  for ((i = 0; i < seconds; i++)); do
    answers && return
    sleep 1
  done
  tail -n 20 "$log" >&2
  say "dockerd did not answer within $seconds s: see the lines above."
  exit 1
}

stop() {
  [[ -f $pid_file ]] || return 0
  local pid
  pid=$(<"$pid_file")
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
}

case ${1:-} in
  start | stop) "$1" ;;
  *)
    say "usage: engine.sh start|stop"
    exit 2
    ;;
esac
