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

TESTS = Path(__file__).parent

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test with the name of its top folder: unit, contract, integration or e2e."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        item.add_marker(folder)
