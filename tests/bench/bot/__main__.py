"""`make bench-bot`: how soon the bot speaks after a message, and how evenly in several guilds.

The bot runs as it does for people, in a process of its own, with NATS; Discord is the double, the
inference service a stub that thinks 50 ms and then works at twice the speed of speech. discord.py's
own player plays beside it from memory, in turns, in a process of its own too. Packets bear the
kernel's time. Times need a quiet machine; takes five minutes.
"""

import argparse
import asyncio
import logging
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import structlog
from rich.console import Console
from rich.table import Table

from tests.bench.bot.measures import (
    Evenness,
    Seconds,
    added_latencies,
    bare_evenness,
    our_evenness,
    percentile_milliseconds,
)
from tests.bench.bot.stage import stage

MOST_ADDED_MILLISECONDS = 30.0
MOST_GAP_RATIO = 1.2
PERCENTS = (50, 95, 99)


async def main() -> None:
    """Measures and prints; what is worse than promised is said."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bot", description=__doc__)
    parser.add_argument("--guilds", type=int, default=4)
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=15.0, help="of speech a round and guild")
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    console = Console(width=120)
    # Each text of the stub's would be a line.
    warnings = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=warnings)
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder), options.guilds) as place:
            async with place.our_bot():
                added = await added_latencies(place, options.messages)
            bare, ours = [], []
            for number in range(options.rounds):
                console.print(f"{datetime.now(UTC):%H:%M:%S} round {number + 1} ...")
                bare.append(await bare_evenness(place, options.seconds))
                async with place.our_bot() as subject:
                    await added_latencies(place, options.guilds)
                    ours.append(await our_evenness(place, subject, options.seconds))
    _show(console, added, np.concatenate(bare), ours)


def _show(console: Console, added: Seconds, bare: Seconds, ours: list[Evenness]) -> None:
    gaps = np.concatenate([one.gaps for one in ours])
    table = Table(title="Milliseconds", title_justify="left")
    for heading in ("", "count", *(f"p{percent}" for percent in PERCENTS), "max"):
        table.add_column(heading, justify="right")
    for name, values in (
        ("added to the first audio", added),
        ("gaps, bot", gaps),
        ("gaps, discord.py alone", bare),
    ):
        figures = [percentile_milliseconds(values, percent) for percent in (*PERCENTS, 100)]
        table.add_row(name, str(len(values)), *(f"{figure:.1f}" for figure in figures))
    console.print(table)
    latency = percentile_milliseconds(added, 95)
    ratio = percentile_milliseconds(gaps, 99) / percentile_milliseconds(bare, 99)
    underruns = sum(one.underruns for one in ours)
    cost = sum(one.cpu_seconds for one in ours) / sum(one.audio_seconds for one in ours)
    for text, is_kept in (
        (f"added, p95: {latency:.1f} ms", latency <= MOST_ADDED_MILLISECONDS),
        (f"gaps, p99, ratio to discord.py alone: {ratio:.2f}", ratio <= MOST_GAP_RATIO),
        (f"underruns: {underruns:.0f}", underruns == 0),
    ):
        console.print(f"{text} ({'as promised' if is_kept else 'NOT as promised'})")
    console.print(f"CPU of the bot: {cost * 1000:.0f} ms for each second of speech heard")


if __name__ == "__main__":
    asyncio.run(main())
