"""How the bot is doing."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import discord
from discord.ext import commands
from prometheus_client import REGISTRY

from bot.commanding import command
from bot.request import Request

PREFIX = "ttstrainer_bot_"


class Stats(commands.Cog, name="Statistics"):
    """How I am doing."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Counts the time from now."""
        self._clock = clock
        self._since = clock()

    @command()
    async def stats(self, ctx: Request) -> None:
        """Show how I am doing."""
        embed = discord.Embed(title="How I am doing")
        up = timedelta(seconds=round(self._clock() - self._since))
        for name, value in (
            ("Running for", str(up)),
            ("Servers", f"{len(ctx.bot.guilds)}"),
            ("Voice channels", f"{_value('voice_connections'):.0f}"),
            ("Messages spoken", f"{_value('items_total', outcome='complete'):.0f}"),
            ("Messages waiting", f"{_value('waiting_items'):.0f}"),
            ("Speech", f"{_value('audio_seconds_total') / 60:.1f} min"),
            ("First sound after", _first_sound()),
            ("Discord answers after", f"{ctx.bot.latency * 1000:.0f} ms"),
        ):
            embed.add_field(name=name, value=value)
        await ctx.tell("", embed=embed)


def _first_sound() -> str:
    """Of messages that had to wait for nobody, on average."""
    count = _value("first_packet_seconds_count", turn="at_once")
    total = _value("first_packet_seconds_sum", turn="at_once")
    return f"{total / count:.2f} s" if count else "—"


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(PREFIX + name, labels) or 0.0
