"""Utterances that wait to be begun."""

import threading
from collections import deque
from collections.abc import Callable

from services.inference.engines.engine import Priority
from services.inference.engines.xtts.speech import Speech


class WaitingLine:
    """The interactive ones first, each kind in the order it came; may be used from any thread.

    At most `place_count` utterances are under way, decoded or waiting for their audio: that
    bounds what lies between the two threads when the vocoder is the slower one.
    """

    def __init__(self, place_count: int) -> None:
        """Makes an empty line."""
        self._changed = threading.Condition()
        self._waiting: dict[Priority, deque[Speech]] = {one: deque() for one in Priority}
        self._place_count = place_count
        self._free_places = place_count
        self._somebody_may_have_gone = False
        self._closed_by: Callable[[], Exception] | None = None

    @property
    def waiting_count(self) -> int:
        """How many wait."""
        with self._changed:
            return sum(len(line) for line in self._waiting.values())

    @property
    def under_way_count(self) -> int:
        """How many have a place."""
        with self._changed:
            return self._place_count - self._free_places

    def join(self, speech: Speech) -> None:
        """Adds an utterance at the end of its line; raises what the line was closed with."""
        with self._changed:
            if self._closed_by is not None:
                raise self._closed_by()
            self._waiting[speech.utterance.priority].append(speech)
            self._changed.notify()

    def take(self, limit: int, *, wait: bool) -> list[Speech] | None:
        """Gives places to those in front, at most `limit`; each must `leave` again.

        With `wait` it returns only when there is one, or None when the line was closed.
        """
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._closed_by is not None or self._can_give())
            if self._closed_by is not None:
                return None
            self._forget_cancelled()
            lines = [line for line in self._waiting.values() if line]
            taken: list[Speech] = []
            for line in lines:
                while line and len(taken) < limit and self._free_places:
                    taken.append(line.popleft())
                    self._free_places -= 1
            return taken

    def leave(self) -> None:
        """Gives a place back."""
        with self._changed:
            self._free_places += 1
            self._changed.notify()

    def wake(self) -> None:
        """Says that somebody who waits may have gone."""
        with self._changed:
            self._somebody_may_have_gone = True
            self._changed.notify()

    def close(self, error: Callable[[], Exception]) -> None:
        """Fails all who wait, and from now on whoever comes."""
        with self._changed:
            if self._closed_by is None:
                self._closed_by = error
            for line in self._waiting.values():
                for speech in line:
                    speech.fail(error())
                line.clear()
            self._changed.notify_all()

    def _can_give(self) -> bool:
        self._forget_cancelled()
        return self._free_places > 0 and any(self._waiting.values())

    def _forget_cancelled(self) -> None:
        if not self._somebody_may_have_gone:
            return
        self._somebody_may_have_gone = False
        for priority, line in self._waiting.items():
            self._waiting[priority] = deque(speech for speech in line if not speech.is_over)
