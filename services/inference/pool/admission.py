"""Who may speak with a model now, who waits, and who is told to come again later."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from services.chassis.errors import OverloadedError
from services.inference.engines.engine import EngineKind, Priority
from services.inference.metrics import (
    QUEUE_FULL,
    REJECTED_STREAMS,
    WAITED_TOO_LONG,
    WAITING_STREAMS,
)

FIRST_GUESS_SECONDS = 2.0
WEIGHT_OF_LAST = 0.2
MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How many wait for a model, and for how long."""

    max_waiting_streams: int = 64
    interactive_seconds: float = 20.0
    bulk_seconds: float = 600.0

    def seconds(self, priority: Priority) -> float:
        """Returns how long a stream waits for its first turn."""
        return self.bulk_seconds if priority is Priority.BULK else self.interactive_seconds


@dataclass(slots=True, eq=False)
class SpareTurn:
    """A slot that nobody else wants; whoever comes takes it."""

    priority: Priority
    give_way: Callable[[], object] = lambda: None
    """Called when it is taken, to stop using the slot at once; to be set by who holds it."""
    is_kept: bool = False


class Admission:
    """Turns at a model: as many at once as it has slots, one sentence long each.

    The interactive go before the bulk, and who has begun to speak before who has not: a stream
    that was let in is not starved by those that come later. So a bulk stream gives way to
    interactive ones between two sentences, and a stream that waits for text, or for its reader,
    keeps nobody from speaking.

    Slots that are left over may be used for what is not urgent: see `spare_turn`.
    """

    def __init__(
        self,
        kind: EngineKind,
        slot_count: int,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins with all slots free."""
        self._slot_count = slot_count
        self._patience = patience
        self._clock = clock
        self._active_count = 0
        self._spare_turns: list[SpareTurn] = []
        self._new_count = 0
        self._order = count()
        self._waiting: list[tuple[int, bool, int, asyncio.Future[None]]] = []
        self._turn_seconds = FIRST_GUESS_SECONDS
        self._gauge = WAITING_STREAMS.labels(kind.value)

    @property
    def active_count(self) -> int:
        """How many turns are taken."""
        return self._active_count

    @property
    def spare_turn_count(self) -> int:
        """How many slots are used by turns that give way to any other."""
        return len(self._spare_turns)

    @property
    def waiting_count(self) -> int:
        """How many wait for a turn."""
        return sum(not future.done() for *_, future in self._waiting)

    @property
    def retry_after_seconds(self) -> float:
        """When a turn may be free: the queue's length times what turns took of late."""
        queue = (self.waiting_count + 1) / self._slot_count
        return min(max(queue * self._turn_seconds, MIN_RETRY_SECONDS), MAX_RETRY_SECONDS)

    @asynccontextmanager
    async def turn(self, priority: Priority, *, has_begun: bool = False) -> AsyncIterator[None]:
        """Waits for a slot and holds it.

        Raises OverloadedError, saying when to try again, for a stream that has not begun yet when
        too many wait already, or when it waited too long.
        """
        await self._enter(priority, has_begun=has_begun)
        started = self._clock()
        try:
            yield
        finally:
            self._turn_seconds += WEIGHT_OF_LAST * (self._clock() - started - self._turn_seconds)
            self._leave()

    def spare_turn(self, priority: Priority) -> SpareTurn | None:
        """Takes a slot that nobody else wants, until `give_back`; None when there is none.

        Nobody waits for it, or is refused because of it: whoever comes takes it, from the bulk
        streams first, and from who took it last. To stop takes who held it a moment, in which
        the engine has the one who came wait.
        """
        if self._active_count + len(self._spare_turns) >= self._slot_count:
            return None
        turn = SpareTurn(priority)
        self._spare_turns.append(turn)
        return turn

    def keep(self, turn: SpareTurn) -> bool:
        """Makes a spare turn one like any other; False when somebody took its slot."""
        if turn not in self._spare_turns:
            return False
        self._spare_turns.remove(turn)
        self._active_count += 1
        turn.is_kept = True
        return True

    def give_back(self, turn: SpareTurn) -> None:
        """Ends a spare turn, whatever became of it."""
        if turn.is_kept:
            turn.is_kept = False
            self._leave()
        elif turn in self._spare_turns:
            self._spare_turns.remove(turn)

    async def _enter(self, priority: Priority, *, has_begun: bool) -> None:
        if self._active_count < self._slot_count:  # then nobody waits: see _leave
            self._active_count += 1
            if self._active_count + len(self._spare_turns) > self._slot_count:
                self._take_spare_turn()
        elif has_begun:
            await self._wait(priority, None, has_begun=True)
        elif self._new_count >= self._patience.max_waiting_streams:
            raise self._refusal("as many wait already as may", QUEUE_FULL)
        else:
            self._new_count += 1
            try:
                await self._wait(priority, self._patience.seconds(priority), has_begun=False)
            except TimeoutError:
                raise self._refusal("none became free in time", WAITED_TOO_LONG) from None
            finally:
                self._new_count -= 1

    async def _wait(self, priority: Priority, seconds: float | None, *, has_begun: bool) -> None:
        free = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (priority.value, not has_begun, next(self._order), free))
        with self._gauge.track_inprogress():
            try:
                async with asyncio.timeout(seconds):
                    await free
            except BaseException:
                if free.done() and not free.cancelled():  # its turn came in the same moment
                    self._leave()
                raise

    def _leave(self) -> None:
        self._active_count -= 1
        while self._waiting and self._active_count < self._slot_count:
            *_, free = heappop(self._waiting)
            if not free.done():
                self._active_count += 1
                free.set_result(None)

    def _take_spare_turn(self) -> None:
        last_first = reversed(self._spare_turns)
        turn = max(last_first, key=lambda one: one.priority.value)
        self._spare_turns.remove(turn)
        turn.give_way()

    def _refusal(self, cause: str, reason: str) -> OverloadedError:
        REJECTED_STREAMS.labels(reason).inc()
        seconds = self.retry_after_seconds
        message = (
            f"All {self._slot_count} slots of the model are taken and {cause}: "
            f"try again in {seconds:.0f} s."
        )
        return OverloadedError(message, reason=reason, retry_after_seconds=seconds)
