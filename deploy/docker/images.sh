#!/usr/bin/env bash
# Builds the images of the components, or of those that are named, and prints their sizes.
# IMAGE_PREFIX, IMAGE_TAG, BUILD_IMAGE and TORCH_INDEX_URL as in docker-compose.yml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/docker/client.sh
source deploy/docker/client.sh
readonly prefix=${IMAGE_PREFIX:-tts-trainer} tag=${IMAGE_TAG:-latest}
declare -rA ports=(
  [media]=50051 [audio-qc]=50052 [transcription]=50053 [dataset]=50054 [pipeline]=50055 [inference]=50057
  [bot]=50058
)

components=("$@")
[[ $# -gt 0 ]] || components=(media audio-qc transcription dataset pipeline inference bot)
revision=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

for component in "${components[@]}"; do
  echo "building $prefix/$component:$tag" >&2
  "$docker" build --quiet --file deploy/docker/Dockerfile \
    --build-arg "COMPONENT=$component" --build-arg "PORT=${ports[$component]}" \
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
    ${BUILD_IMAGE:+--build-arg "BUILD_IMAGE=$BUILD_IMAGE"} \
    ${TORCH_INDEX_URL:+--build-arg "TORCH_INDEX_URL=$TORCH_INDEX_URL"} \
    --tag "$prefix/$component:$tag" . >/dev/null
done
for component in "${components[@]}"; do
  size=$("$docker" image inspect --format '{{.Size}}' "$prefix/$component:$tag")
  printf '%-30s %5d MB\n' "$prefix/$component:$tag" $((size / 1000000))
done
