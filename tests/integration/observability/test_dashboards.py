"""Dashboards whose every query finds something on a stack that works.

Grafana itself cannot be had here: whether it draws them as meant is not tested.
"""

import math
from pathlib import Path

import pytest
import yaml

from tests.integration.observability.dashboards import FILES, Query, dashboard, panels, queries
from tests.integration.observability.prometheus import Prometheus

PROVISIONING = FILES[0].parents[1] / "provisioning"
WIDTH = 24

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("query", list(queries()), ids=str)
async def test_a_query_finds_numbers(query: Query, prometheus: Prometheus) -> None:
    assert "$" not in query.expression, "a variable that the test does not know"
    found = prometheus.query(query.expression)
    assert found, query.expression
    assert not all(math.isnan(value) for value in found), query.expression


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_panel_says_what_it_shows(path: Path) -> None:
    source = _source()
    for panel in panels(dashboard(path)):
        assert panel["description"].endswith("."), panel["title"]
        unit = panel["fieldConfig"]["defaults"].get("unit") or panel["options"]["yAxis"]["unit"]
        assert unit, panel["title"]
        for part in (panel, *panel["targets"]):
            assert part["datasource"] == {"type": "prometheus", "uid": source["uid"]}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_panels_lie_side_by_side(path: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard(path)["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= WIDTH, panel["title"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_each_dashboard_has_a_name_of_its_own() -> None:
    contents = [dashboard(path) for path in FILES]
    assert len({it["uid"] for it in contents}) == len(FILES) == 5
    assert len({it["title"] for it in contents}) == len(FILES)
    for content in contents:
        ids = [panel["id"] for panel in content["panels"]]
        assert len(set(ids)) == len(ids), content["title"]


def _source() -> dict[str, str]:
    content = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text())
    [source] = content["datasources"]
    found: dict[str, str] = source
    return found
