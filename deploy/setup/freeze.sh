#!/usr/bin/env bash
# Writes constraints.txt from what is installed in .venv: exact versions, and nothing about where they
# came from. The packages with model weights are pinned in model-packages.txt instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

model_packages=$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' deploy/setup/model-packages.txt)
{
  echo "# Exact versions that were run together. Written by deploy/setup/freeze.sh, not by hand."
  .venv/bin/python -m pip freeze --exclude-editable |
    grep -- '==' | grep -vixE "($(paste -sd'|' <<<"$model_packages"))==.*" |
    sed 's/+cpu$//' # the same release of torch, whatever its build
} >constraints.txt
