"""The dashboards as Grafana reads them, and their queries as Grafana would send them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "deploy" / "grafana" / "dashboards"
FILES = sorted(FOLDER.glob("*.json"))

# What Grafana puts in the place of its variables, and of ours when all values are chosen.
VARIABLES = {"$__rate_interval": "1m", "$__interval": "15s", "$__range": "5m"}
ALL_VALUES = ".*"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """One query of one panel."""

    dashboard: str
    panel: str
    expression: str

    def __str__(self) -> str:
        """Names it in the list of tests."""
        return f"{self.dashboard}/{self.panel}"


def dashboard(path: Path) -> Json:
    """Returns a dashboard."""
    content: Json = json.loads(path.read_text())
    return content


def panels(content: Json) -> list[Json]:
    """Returns the panels of a dashboard that show something."""
    return [panel for panel in content["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Query]:
    """Yields every query of every panel."""
    for path in FILES:
        content = dashboard(path)
        own = {f"${it['name']}": ALL_VALUES for it in content["templating"]["list"]}
        for panel in panels(content):
            for target in panel["targets"]:
                expression = target["expr"]
                for name, value in {**VARIABLES, **own}.items():
                    expression = expression.replace(name, value)
                yield Query(path.stem, panel["title"], expression)
