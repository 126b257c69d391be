"""What is measured of the bot: how soon it speaks, and how evenly."""

import asyncio
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.bench.bot.stage import Stage, Subject
from tests.bench.readings import cpu_seconds
from tests.discord_double.guilds import Guild

Seconds = npt.NDArray[np.float64]

# The first frames of a speech are its start, not its pace: discord.py's own player waits there.
_STARTING_FRAMES = 3


@dataclass(frozen=True)
class Evenness:
    """The gaps between frames of all guilds, and what they cost."""

    gaps: Seconds
    underruns: float
    cpu_seconds: float
    audio_seconds: float


async def added_latencies(stage: Stage, messages: int) -> Seconds:
    """Returns what the bot adds to the first audio of the service: seconds, for each message.

    From the message to the first packet, less what the service took; the bot is in the channel
    already, and silent.
    """
    stage.speech.seconds = 0.5
    added = []
    for number in range(-3, messages):
        guild = stage.guilds[number % len(stage.guilds)]
        stage.speech.thought.clear()
        heard = await _first_packet(guild)
        if number >= 0:  # those before are for warming up
            added.append(heard - stage.speech.thought[0])
    return np.array(added)


async def our_evenness(stage: Stage, subject: Subject, seconds: float) -> Evenness:
    """Has the bot speak in all guilds at once."""
    stage.speech.seconds = seconds
    underruns = await subject.counted("ttstrainer_bot_underruns_total")
    cost = cpu_seconds(subject.pid)
    marks = [(await guild.listener(), guild) for guild in stage.guilds]
    for listener, guild in marks:
        listener.mark()
        await guild.alice.say("!say hello")
    frames = round(seconds * 50) - 2
    await asyncio.gather(
        *(listener.heard(frames, within_seconds=seconds + 20) for listener, _ in marks)
    )
    await asyncio.gather(*(listener.quiet() for listener, _ in marks))
    return Evenness(
        np.concatenate([listener.gaps_seconds()[_STARTING_FRAMES:] for listener, _ in marks]),
        await subject.counted("ttstrainer_bot_underruns_total") - underruns,
        cpu_seconds(subject.pid) - cost,
        seconds * len(marks),
    )


async def bare_evenness(stage: Stage, seconds: float) -> Seconds:
    """Has discord.py alone play in all guilds at once; returns the gaps between frames."""
    await stage.bare_player(seconds)
    listeners = [guild.calls[-1].listener for guild in stage.guilds]
    return np.concatenate([listener.gaps_seconds()[_STARTING_FRAMES:] for listener in listeners])


def percentile_milliseconds(values: Seconds, percent: float) -> float:
    """Returns a percentile, in milliseconds."""
    return float(np.percentile(values, percent) * 1000)


async def _first_packet(guild: Guild) -> float:
    if guild.calls:
        await guild.calls[-1].listener.quiet()
        guild.calls[-1].listener.mark()
    said = time.perf_counter()
    await guild.alice.say("!say hello")
    listener = await guild.listener()
    heard = await listener.heard()
    return heard[0].arrived - said
