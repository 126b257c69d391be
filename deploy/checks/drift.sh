#!/usr/bin/env bash
# Fails when a committed file that is generated differs from what its source generates today.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

# compare COMMITTED FRESH COMMAND
compare() {
  diff --recursive --brief --exclude=__pycache__ "$1" "$2" >&2 && return
  echo "drift: $1 is not what its source says; run $3 and commit the result." >&2
  exit 1
}

deploy/protos/generate.sh "$fresh/gen"
compare protos/gen "$fresh/gen" "make protos"

.venv/bin/python deploy/settings/env_example.py >"$fresh/.env.example"
compare .env.example "$fresh/.env.example" "make env-example"

.venv/bin/python deploy/settings/compose_settings.py >"$fresh/settings.yml"
compare deploy/compose/settings.yml "$fresh/settings.yml" "make env-example"
