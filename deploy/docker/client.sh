# shellcheck shell=bash
# Sets `docker` to a client that can build with BuildKit: newer ones need the plug-in buildx, and a
# machine may have one without. Sourced.
docker=
while read -r candidate; do
  if DOCKER_BUILDKIT=1 "$candidate" build --help >/dev/null 2>&1; then
    docker=$candidate
    break
  fi
done < <(type -ap docker)
if [[ -z $docker ]]; then
  echo "No docker client with BuildKit was found: install docker.io, or docker-ce with" \
    "docker-buildx-plugin." >&2
  exit 1
fi
export DOCKER_BUILDKIT=1
