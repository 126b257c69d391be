"""Prints the alerts and recording rules of deploy/prometheus for the Prometheus operator.

python deploy/k8s/prometheus_rules.py | kubectl apply -f -
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parents[1] / "prometheus/rules"


def prometheus_rule() -> dict[str, Any]:
    """Returns the groups of all files in one resource."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "tts-trainer", "namespace": "tts-trainer"},
        "spec": {"groups": list(_groups())},
    }


def _groups() -> Iterator[dict[str, Any]]:
    """A group's name is its own only within its file."""
    for file in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield {**group, "name": f"{file.stem}-{group['name']}"}


if __name__ == "__main__":
    yaml.safe_dump(prometheus_rule(), sys.stdout, sort_keys=False)
