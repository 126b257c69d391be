"""The voices that speak now, so that one can be silenced."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.errors import ConflictError
from services.inference.speaking.outbox import Outbox


class Stage:
    """Knows the streams of each voice from before the voice is looked up to their end.

    So a voice that is withdrawn is either found withdrawn, or silenced here.
    """

    def __init__(self) -> None:
        """Starts with nobody speaking."""
        self._outboxes: defaultdict[str, set[Outbox]] = defaultdict(set)

    @property
    def voice_ids(self) -> frozenset[str]:
        """The voices that speak now."""
        return frozenset(self._outboxes)

    @contextmanager
    def entered(self, voice_id: str) -> Iterator[Outbox]:
        """Gives a stream of this voice what it puts its parts into."""
        outbox = Outbox()
        self._outboxes[voice_id].add(outbox)
        try:
            yield outbox
        finally:
            self._outboxes[voice_id].discard(outbox)
            if not self._outboxes[voice_id]:
                del self._outboxes[voice_id]

    def stop_voice(self, voice_id: str) -> int:
        """Ends the streams of a voice at once; returns how many there were."""
        outboxes = self._outboxes.get(voice_id, set())
        for outbox in outboxes:
            message = (
                f"The voice {voice_id!r} may not speak any more: its consent was withdrawn, or it "
                "was deleted."
            )
            outbox.stop(ConflictError(message, reason="VOICE_WITHDRAWN", field="options.voice_id"))
        return len(outboxes)
