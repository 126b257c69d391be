"""How much members and guilds may have read: a token bucket for each, in bounded memory."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BURST_SECONDS: Final = 15.0
"""So many seconds' worth may come at once."""
MOST_REMEMBERED: Final = 50_000
"""So many members and so many guilds are remembered; who was silent for longest is forgotten."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How many messages a minute are read; whole numbers, at least 1."""

    member_per_minute: int
    guild_per_minute: int


@dataclass(slots=True)
class _Bucket:
    """What is left, as it was at a time."""

    tokens: float
    at: float


class _Buckets:
    """One bucket for each key; full ones are not worth remembering."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets: OrderedDict[tuple[int, ...], _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_seconds(self, key: tuple[int, ...], per_minute: int, now: float) -> float:
        """Returns how long it takes until there is a token; 0 when there is one."""
        missing = 1.0 - self._tokens(key, per_minute, now)
        return max(0.0, missing * 60.0 / per_minute)

    def take(self, key: tuple[int, ...], per_minute: int, now: float) -> None:
        self._buckets[key] = _Bucket(self._tokens(key, per_minute, now) - 1.0, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)

    def _tokens(self, key: tuple[int, ...], per_minute: int, now: float) -> float:
        capacity = max(1.0, per_minute * BURST_SECONDS / 60.0)
        bucket = self._buckets.get(key)
        if bucket is None:
            return capacity
        # A clock that goes back, or a rate that was lowered, gives nothing and takes nothing.
        earned = max(0.0, now - bucket.at) * per_minute / 60.0
        return min(capacity, bucket.tokens + earned)


class Limits:
    """Tells who has to wait. The same moment counts for a member and for the guild, or for none."""

    def __init__(
        self,
        rates: Callable[[int], Rates],
        clock: Callable[[], float],
        *,
        most_remembered: int = MOST_REMEMBERED,
    ) -> None:
        """Asks `rates` what a guild allows, and `clock` for seconds that go on evenly."""
        self._rates = rates
        self._clock = clock
        self._members = _Buckets(most_remembered)
        self._guilds = _Buckets(most_remembered)

    def take(self, guild_id: int, user_id: int) -> float:
        """Counts one message of a member and returns 0; or counts none and returns the wait.

        The wait is in seconds, until both the member and the guild may go on.
        """
        now, rates = self._clock(), self._rates(guild_id)
        member, guild = (guild_id, user_id), (guild_id,)
        wait = max(
            self._members.wait_seconds(member, rates.member_per_minute, now),
            self._guilds.wait_seconds(guild, rates.guild_per_minute, now),
        )
        if wait == 0.0:
            self._members.take(member, rates.member_per_minute, now)
            self._guilds.take(guild, rates.guild_per_minute, now)
        return wait
