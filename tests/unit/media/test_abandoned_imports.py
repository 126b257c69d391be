"""Imports that nobody goes on with leave a service that is never restarted, too."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.chassis.artifacts import ObjectInfo
from services.chassis.beside import running_beside
from services.chassis.errors import OverloadedError
from services.media.abandoned_imports import sweep_regularly
from services.media.importing import Imports
from services.media.intake import Intake
from tests.eventually import eventually
from tests.fakes.artifacts import InMemoryArtifacts

PART = f"uploads/{'0' * 64}/00000000000000000000-00000000000000000007"


class TroubledArtifacts(InMemoryArtifacts):
    """Cannot be listed at first."""

    troubles: list[Exception]

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        if self.troubles:
            raise self.troubles.pop()
        async for found in super().list(prefix):
            yield found


async def test_an_import_that_is_abandoned_after_the_start_is_removed_in_spite_of_troubles(
    tmp_path: Path,
) -> None:
    store = TroubledArtifacts()
    store.troubles = [PermissionError(), OverloadedError("The store is full.")]
    imports = Imports(store, Intake(store, tmp_path, 100))
    await store.write(PART, b"1234567")
    looked_at: list[datetime] = []

    def clock() -> datetime:
        looked_at.append(datetime.now(UTC) + timedelta(days=len(looked_at)))
        return looked_at[-1]

    async with running_beside(sweep_regularly(imports, timedelta(days=7), clock, 0.01)):
        await eventually(lambda: not store.objects)
    assert len(looked_at) > 7
