"""What is measured of the connection to Discord."""

import math

from discord.ext import commands, tasks

from bot import metrics

LOOK_SECONDS = 15.0


class Gateway(commands.Cog):
    """Watches the connection; has no commands."""

    def __init__(self, bot: commands.Bot) -> None:
        """Watches the connection of `bot`."""
        self._bot = bot
        metrics.GATEWAY_CONNECTED.set(0)

    async def cog_load(self) -> None:
        """Begins to look."""
        self._look.start()

    async def cog_unload(self) -> None:
        """Ends it."""
        self._look.cancel()
        metrics.GATEWAY_CONNECTED.set(0)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A new session."""
        metrics.GATEWAY_CONNECTED.set(1)

    @commands.Cog.listener()
    async def on_resumed(self) -> None:
        """The old session goes on."""
        metrics.GATEWAY_CONNECTED.set(1)

    @commands.Cog.listener()
    async def on_disconnect(self) -> None:
        """Whatever comes next, it is not connected now."""
        metrics.GATEWAY_CONNECTED.set(0)

    @tasks.loop(seconds=LOOK_SECONDS)
    async def _look(self) -> None:
        latency = self._bot.latency
        if math.isfinite(latency):
            metrics.GATEWAY_LATENCY_SECONDS.set(latency)
