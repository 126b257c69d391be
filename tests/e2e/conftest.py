"""One stack for the tests that need none of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import RunningStack, standing_stack

# Drops become runs sooner than people would want, so that tests need not wait.
HASTE = {
    "TTSTRAINER_PIPELINE_INBOX_POLL_SECONDS": "0.5",
    "TTSTRAINER_PIPELINE_REST_SECONDS": "1",
    "TTSTRAINER_PIPELINE_QUIET_SECONDS": "2",
}


@pytest.fixture(scope="session")
def watched_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder whose files the stack takes for drops."""
    return tmp_path_factory.mktemp("watched")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, watched_folder: Path) -> Iterator[RunningStack]:
    """Runs a stack for the whole session; what one test computes, another finds done."""
    # A data folder may be called anything.
    home = tmp_path_factory.mktemp("standing") / "Ada's höme %20"
    watching = {"TTSTRAINER_PIPELINE_WATCHED_FOLDER": str(watched_folder)}
    with standing_stack(home, HASTE | watching) as running:
        yield running
