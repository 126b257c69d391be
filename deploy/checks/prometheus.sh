#!/usr/bin/env bash
# What promtool says of Prometheus' configuration, rules and alerts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../prometheus"

said=$(promtool check config prometheus.yml 2>&1 && promtool test rules tests/*.yml 2>&1) || {
  echo "$said" >&2
  exit 1
}
