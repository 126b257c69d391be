"""A bot in a town where somebody has something said for ever: `python -m tests.bot_in_town`.

The bot is told what this process is told; Discord is the double.
"""

import asyncio
import contextlib
import os
import signal
import tempfile
from pathlib import Path

from services.chassis.process.parent import PARENT_VARIABLE, die_with_named_parent
from tests.bot_process import bot_process
from tests.discord_double.world import a_world

PAUSE_SECONDS = 2.0


async def live(folder: Path) -> None:
    """Talks until it is cancelled."""
    told = {name: value for name, value in os.environ.items() if name.startswith("TTSTRAINER_")}
    told[PARENT_VARIABLE] = str(os.getpid())
    async with a_world() as world, bot_process(folder, world, told) as bot:
        await bot.ready()
        town = world.guild
        await town.alice.join(town.lounge)
        while True:
            await town.alice.say("!say All circuits are busy now.")
            listener = await town.listener(within_seconds=60)
            await listener.heard(frames=10, within_seconds=60)
            await listener.quiet(PAUSE_SECONDS)
            listener.mark()


async def main() -> None:
    """Lives until SIGTERM."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(asyncio.CancelledError):
        await live(Path(folder))


if __name__ == "__main__":
    die_with_named_parent()
    asyncio.run(main())
