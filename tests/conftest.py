"""What holds for every test: no model hub, one thread per library, the folder gives the marker.

Nor has a property to hold in a given time: a busy machine is no counter-example.
"""

import os
from pathlib import Path

# Before anything imports numpy, torch or huggingface_hub: they read these once.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent
ONE_PROCESS_FOR_ALL = ("tests/e2e", "tests/integration/observability")
"""Folders whose tests stay together: they share a stack, and each stack looks for free ports."""

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test with the name of its top folder: unit, contract, integration or e2e."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        item.add_marker(folder)


class WholeFiles(LoadScopeScheduling):  # type: ignore[misc] # it has no types
    """Where tests run in several processes, each takes whole files, and some folders as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in ONE_PROCESS_FOR_ALL if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles:
    """Says how the tests are shared out."""
    return WholeFiles(config, log)
