"""docs/operations.md has an answer for each alert, and names nothing that is not there."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/operations.md"
RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
OUR_FILES = re.compile(r"\b(?:deploy|tests)/[\w./-]+\w")


def alerts() -> dict[str, str]:
    """Returns the page that each alert sends people to."""
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    return {
        rule["alert"]: rule["annotations"]["runbook"]
        for group in groups
        for rule in group["rules"]
        if "alert" in rule
    }


def anchors(text: str) -> set[str]:
    """Returns what a browser can jump to: headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def kebab_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def test_there_are_alerts() -> None:
    assert alerts()


@pytest.mark.parametrize("alert", alerts())
def test_an_alert_leads_to_its_heading(alert: str) -> None:
    page, _, anchor = alerts()[alert].partition("#")

    assert ROOT / page == PAGE
    assert anchor == kebab_case(alert)
    assert anchor in anchors(PAGE.read_text(encoding="utf-8"))


def test_links_within_the_page_lead_somewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert set(re.findall(r"\]\(#([^)]+)\)", text)) - anchors(text) == set()


@pytest.mark.parametrize("page", ["docs/operations.md", "docs/scaling.md", "deploy/k8s/README.md"])
def test_files_that_are_named_exist(page: str) -> None:
    named = set(OUR_FILES.findall((ROOT / page).read_text(encoding="utf-8")))

    assert {name for name in named if not (ROOT / name).exists()} == set()
