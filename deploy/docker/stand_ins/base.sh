#!/usr/bin/env bash
# Makes debian:bookworm-slim on a machine that reaches Debian's packages but no image registry, and
# tts-trainer/build-base, which adds pip's configuration of this machine for the builds.
set -euo pipefail
readonly image=debian:bookworm-slim build_image=tts-trainer/build-base
readonly certificates=/etc/ssl/certs/ca-certificates.crt

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=deploy/docker/client.sh
source deploy/docker/client.sh

have() { "$docker" image inspect "$1" >/dev/null 2>&1; }
pulled() { "$docker" pull --quiet "$1" >/dev/null 2>&1; }
have "$image" && have "$build_image" && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! have "$image" && ! pulled "$image"; then
  command -v debootstrap >/dev/null || {
    echo "stand-ins: debootstrap is missing: apt-get install debootstrap" >&2
    exit 1
  }
  echo "stand-ins: making $image with debootstrap" >&2
  # The security archive is left out: these images are for tests.
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/tree" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
  }
  # What the slim variant leaves out too.
  rm -rf "$work"/tree/var/cache/apt/* "$work"/tree/var/lib/apt/lists/* \
    "$work"/tree/usr/share/{doc,man,info,locale}/*
  printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$work/tree/etc/dpkg/dpkg.cfg.d/slim"
  [[ ! -f $certificates ]] || cp "$certificates" "$work/tree$certificates"
  tar -C "$work/tree" -c . | "$docker" import --change 'CMD ["bash"]' - "$image" >/dev/null
fi

# Wheels that pip's configuration finds in a folder of this machine go with it.
mkdir "$work/build"
python3 -m pip config list 2>/dev/null | sed -n "s/.*find-links='\(.*\)'/\1/p" >"$work/folders"
mkdir "$work/build/wheels"
while read -r folder; do
  [[ -d $folder ]] && cp "$folder"/*.whl "$work/build/wheels/"
done <"$work/folders"
printf '[global]\nfind-links = /wheels\n' >"$work/build/pip.conf"
[[ ! -f $certificates ]] || echo "cert = $certificates" >>"$work/build/pip.conf"
"$docker" build --quiet --tag "$build_image" --file - "$work/build" >/dev/null <<DOCKERFILE
FROM $image
COPY pip.conf /etc/pip.conf
COPY wheels /wheels
DOCKERFILE
