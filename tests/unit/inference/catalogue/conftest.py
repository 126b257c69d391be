"""What the tests of the catalogue share."""

from pathlib import Path

import pytest

from tests.model_catalogue import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
