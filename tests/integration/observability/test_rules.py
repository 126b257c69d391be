"""Rules that Prometheus takes, and alerts of which each is tested and explained."""

import math
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.integration.observability.prometheus import (
    FOLDER,
    RENDERED,
    Prometheus,
    alerts,
    recorded,
)
from tests.servers import executable

TESTS = sorted((FOLDER / "tests").glob("*.yml"))
NAMES = [rule["alert"] for rule in alerts()]
# Of the disk, and the speed, of whichever machine runs the tests.
NOT_OURS = {"StoreDiskFilling", "StoreDiskFull"}
NOT_OURS |= {"FirstAudioLate", "SpeechSlow", "BotSpeechLate", "BotUnderruns"}

pytestmark = pytest.mark.timeout(300)


def test_promtool_takes_the_configuration_and_the_rules() -> None:
    assert promtool("check", "config", FOLDER / "prometheus.yml") == 0


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_promtool_sees_the_alerts_fire_and_not_fire(path: Path) -> None:
    assert promtool("test", "rules", path) == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_is_tested_both_ways(name: str) -> None:
    asked = [
        bool(question["exp_samples"])
        for path in TESTS
        for test in yaml.safe_load(path.read_text())["tests"]
        for question in test["promql_expr_test"]
        if f'alertname="{name}"' in question["expr"]
    ]
    assert set(asked) >= {True}, f"{name} is never seen to fire"
    if name != "StoreDiskFull":
        assert False in asked, f"{name} is never seen to be silent"


@pytest.mark.parametrize("rule", alerts(), ids=NAMES)
def test_an_alert_leads_to_its_page(rule: dict[str, dict[str, str]]) -> None:
    kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", str(rule["alert"])).lower()
    assert rule["annotations"]["runbook"] == f"docs/operations.md#{kebab}"
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook"}


@pytest.mark.parametrize("name", recorded())
async def test_a_recording_rule_finds_numbers(name: str, prometheus: Prometheus) -> None:
    if name == "step:ttstrainer_queue_drain:seconds":
        assert prometheus.query(name) == [], "it tells of queues alone that hold something"
        return
    found = prometheus.query(name)
    assert found
    assert not all(math.isnan(value) for value in found)


async def test_a_stack_that_works_raises_no_alarm(prometheus: Prometheus) -> None:
    raised = {
        it["labels"]["alertname"]: it["annotations"]["description"]
        for it in prometheus.alerts()
        if not it["labels"]["alertname"].endswith(RENDERED)
    }
    assert {name: text for name, text in raised.items() if name not in NOT_OURS} == {}


async def test_the_texts_of_alerts_can_be_filled_in(prometheus: Prometheus) -> None:
    texts = {
        it["labels"]["alertname"]: " ".join(it["annotations"].values())
        for it in prometheus.alerts()
        if it["labels"]["alertname"].endswith(RENDERED)
    }
    assert texts.keys() == {name + RENDERED for name in NAMES}
    assert [text for text in texts.values() if "error" in text and "expanding" in text] == []


def promtool(*arguments: str | Path) -> int:
    """Runs promtool; what it says is in the test's output."""
    return subprocess.run([executable("promtool"), *arguments], check=False).returncode
