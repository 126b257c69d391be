#!/usr/bin/env bash
# Makes the third-party images that compose names, from packages, under their real names: for tests on
# a machine that reaches no image registry. One that is there, or can be pulled, is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=deploy/docker/client.sh
source deploy/docker/client.sh
deploy/docker/stand_ins/base.sh

# The name that compose has for an image by default.
name_of() {
  sed -n "s/.*\${$1:-\([^}]*\)}.*/\1/p" docker-compose.yml deploy/compose/*.yml | head -n 1
}

# stand_in TARGET VARIABLE
stand_in() {
  local name
  name=$(name_of "$2")
  [[ -n $name ]] || return 0
  "$docker" image inspect "$name" >/dev/null 2>&1 && return
  "$docker" pull --quiet "$name" >/dev/null 2>&1 && return
  echo "stand-ins: making $name" >&2
  "$docker" build --quiet --target "$1" --tag "$name" \
    --build-arg BUILD_IMAGE=tts-trainer/build-base deploy/docker/stand_ins >/dev/null
}

stand_in nats NATS_IMAGE
stand_in seaweedfs S3_IMAGE
stand_in prometheus PROMETHEUS_IMAGE
stand_in alertmanager ALERTMANAGER_IMAGE
