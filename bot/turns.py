"""One thing at a time for each member.

discord.py's `max_concurrency` does not do: of a slash command that it refuses, 2.7.1 releases the
turn of the one that runs, so that every other one gets through.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import discord

from bot.refusing import RefusedError

WAIT = "One after the other, please: I am still at the one before."


class Turns:
    """Who has something done; of use to one event loop."""

    def __init__(self) -> None:
        """Nobody has."""
        self._busy: set[tuple[int, int]] = set()

    @contextmanager
    def of(self, member: discord.Member) -> Iterator[None]:
        """Is a member's turn for as long as the block runs.

        Raises:
            RefusedError: they have another one.
        """
        key = member.guild.id, member.id
        if key in self._busy:
            raise RefusedError(WAIT)
        self._busy.add(key)
        try:
            yield
        finally:
            self._busy.discard(key)
