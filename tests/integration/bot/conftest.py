"""The double of Discord in which commands are tried."""

from collections.abc import AsyncIterator

import pytest

from tests.discord_double.world import World, a_world


@pytest.fixture(params=[True, False], ids=["encrypted", "clear"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A world whose calls are encrypted end to end (DAVE), and one whose are not."""
    async with a_world(dave=request.param) as opened:
        yield opened
