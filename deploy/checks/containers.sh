#!/usr/bin/env bash
# Checks the Dockerfiles, and the compose files with every overlay, without a Docker engine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

hadolint --config deploy/docker/hadolint.yaml deploy/docker/Dockerfile deploy/docker/stand_ins/Dockerfile

programs=()
! docker compose version >/dev/null 2>&1 || programs+=("docker compose")
! command -v docker-compose >/dev/null || programs+=("docker-compose")
if [[ ${#programs[@]} -eq 0 ]]; then
  [[ ${ALLOW_NO_ENGINE:-} == 1 ]] && exit 0
  echo "containers: neither docker compose nor docker-compose is installed; install one, or set" \
    "ALLOW_NO_ENGINE=1 to leave out the check of the compose files." >&2
  exit 1
fi

example=$(mktemp)
trap 'rm -f "$example"' EXIT
deploy/compose/new-env.sh >"$example"
for program in "${programs[@]}"; do
  $program --env-file "$example" config --quiet
  all=()
  for overlay in deploy/compose/{gpu,minio,observability}.yml; do
    all+=(-f "$overlay")
    $program --env-file "$example" -f docker-compose.yml -f "$overlay" config --quiet
  done
  $program --env-file "$example" -f docker-compose.yml "${all[@]}" --profile workers --profile bot config --quiet
done
