"""The fake and the local store keep the promises of an artifact store."""

from pathlib import Path

import pytest

from services.chassis.artifacts import ArtifactStore
from services.chassis.storage.local_artifacts import LocalArtifacts
from tests.contract.artifact_store_suite import ArtifactStoreSuite
from tests.fakes.artifacts import InMemoryArtifacts


class TestInMemoryArtifacts(ArtifactStoreSuite):
    @pytest.fixture
    def store(self) -> ArtifactStore:
        return InMemoryArtifacts()


class TestLocalArtifacts(ArtifactStoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path) -> ArtifactStore:
        return LocalArtifacts(tmp_path / "store")
