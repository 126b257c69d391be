"""Plays audio through a program that is installed."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.errors import CommandError
from gateway.cli.speech.wave_file import wave_header

Which = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Player:
    """A program that plays WAV."""

    name: str
    from_pipe: tuple[str, ...]
    """Arguments to play what comes in while it comes; empty when it plays files alone."""
    from_file: tuple[str, ...]
    """Arguments before the name of a file."""


PLAYERS = (
    Player(
        "ffplay",
        ("-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"),
        ("-nodisp", "-autoexit", "-loglevel", "error", "-i"),
    ),
    Player("aplay", ("-q", "-"), ("-q",)),
    Player("afplay", (), ()),
)


def installed_player(which: Which = shutil.which) -> Player:
    """Returns the first player that is installed, one that need not wait for the end if possible.

    Raises:
        CommandError: there is none.
    """
    for player in PLAYERS:
        if which(player.name):
            return player
    names = ", ".join(player.name for player in PLAYERS)
    raise CommandError(
        f"--play needs one of {names}: install ffmpeg or alsa-utils, or leave --play out and open "
        "the file with what you have."
    )


@dataclass(frozen=True, slots=True)
class Playback:
    """Audio that is being played."""

    _process: asyncio.subprocess.Process

    async def write(self, pcm: bytes) -> None:
        """Plays samples next; waits while the player has plenty.

        Raises:
            CommandError: the player has ended.
        """
        stdin = self._process.stdin
        if stdin is None:
            return
        try:
            stdin.write(pcm)
            await stdin.drain()
        except ConnectionError as error:
            await self._process.wait()
            raise _failed(self._process.returncode) from error


@contextlib.asynccontextmanager
async def playing(player: Player, sample_rate_hertz: int) -> AsyncIterator[Playback]:
    """Plays what is written to it; the block ends when all was heard, or at once when it fails."""
    process = await asyncio.create_subprocess_exec(
        *(player.name, *player.from_pipe), stdin=asyncio.subprocess.PIPE
    )
    playback = Playback(process)
    async with _ended(process):
        await playback.write(wave_header(sample_rate_hertz))
        yield playback
        if process.stdin is not None:
            process.stdin.close()
        await _heard(process)


async def play_file(player: Player, path: Path) -> None:
    """Plays a file to its end.

    Raises:
        CommandError: the player cannot.
    """
    process = await asyncio.create_subprocess_exec(
        *(player.name, *player.from_file, str(path)), stdin=asyncio.subprocess.DEVNULL
    )
    async with _ended(process):
        await _heard(process)


@contextlib.asynccontextmanager
async def _ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """Leaves no player behind."""
    try:
        yield
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _heard(process: asyncio.subprocess.Process) -> None:
    if await process.wait():
        raise _failed(process.returncode)


def _failed(status: int | None) -> CommandError:
    return CommandError(
        f"The player ended with status {status}: is there a sound device? Without --play the file "
        "is written all the same."
    )
