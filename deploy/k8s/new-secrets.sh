#!/usr/bin/env bash
# Makes the secrets of an overlay that has none yet: deploy/k8s/new-secrets.sh overlays/production
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly overlay=${1:?"say which: overlays/single-node or overlays/production"}
[[ ! -e $overlay/secrets.env ]] || {
  echo "$overlay/secrets.env is there already; docs/operations.md says how to change a secret" >&2
  exit 1
}

# A letter first: NATS reads a value that begins with a digit as a number.
random() { printf 'k%s' "$(LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 39 || true)"; }

umask 077
trap 'rm -f "$overlay/secrets.env.new"' EXIT
while IFS= read -r line; do
  name=${line%%=*}
  case $line in
    \#*) ;;
    *=GIVEN)
      [[ -n ${!name:-} ]] || {
        echo "set $name in the environment: it is given by your S3" >&2
        exit 1
      }
      line=$name=${!name}
      ;;
    *=) line=$name=$(random) ;;
  esac
  printf '%s\n' "$line"
done <"$overlay/secrets.env.example" >"$overlay/secrets.env.new"
mv "$overlay/secrets.env.new" "$overlay/secrets.env"
echo "wrote deploy/k8s/$overlay/secrets.env: keep it out of git, and keep a copy" >&2
