#!/usr/bin/env bash
# Writes the typed Python stubs of the contract into a folder: generate.sh FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly out=$1

rm -rf "$out/ttstrainer"
mkdir -p "$out"
PATH=$PWD/.venv/bin:$PATH
protoc() { python -m grpc_tools.protoc -I protos "$@"; }
# shellcheck disable=SC2046  # one word per file: the names hold no spaces
{
  protoc --python_out="$out" --mypy_out=quiet:"$out" \
    $(find protos/ttstrainer -name '*.proto')
  protoc --grpc_python_out="$out" --mypy_grpc_out=quiet,only_async:"$out" \
    $(find protos/ttstrainer -name '*_service.proto')
}

# Packages, so that tools which know no namespace packages find them; typed, by PEP 561.
find "$out/ttstrainer" -type d -exec touch {}/__init__.py \;
touch "$out/ttstrainer/py.typed"
