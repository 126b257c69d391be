"""Tells people in their own channel what became of their messages."""

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog

from bot.playback.item import Item

REPORT_SECONDS: Final = 15.0

logger = structlog.get_logger()


class Teller:
    """Sends reports beside the speech, and waits for none of them forever."""

    def __init__(self) -> None:
        """Has told nothing."""
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, items: Iterable[Item], words: str) -> None:
        """Tells each person among those who gave `items`, once."""
        for item in {item.user_id: item for item in items}.values():
            task = asyncio.create_task(_report(item, words), name="bot report")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Gives what is being told a moment, and ends it."""
        tasks = set(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=1.0)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def _report(item: Item, words: str) -> None:
    try:
        async with asyncio.timeout(REPORT_SECONDS):
            await item.report(words)
    except Exception as error:  # noqa: BLE001 - a message that was deleted, a channel that is closed
        logger.warning("report.failed", item_id=item.item_id, error=type(error).__name__)
