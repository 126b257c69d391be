"""What is measured of whoever speaks."""

import gc
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

TOKEN_SECONDS = 1024 / 22_050
"""How long a token of XTTS sounds."""

TEXTS = {
    6: "The house at the end of the street had been empty for years, and nobody knew to whom it "
    "belonged.",
    15: "When the last train had gone and the lamps along the platform were put out one after the "
    "other, he sat down on his case, counted the money that was left, and began to wonder how far "
    "one might get on foot until the morning.",
}
"""By the length of their audio in seconds, which is forced: random weights know no end."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What some audio took."""

    audio_seconds: float
    cpu_seconds: float
    """Of all threads of the process."""
    wall_seconds: float
    first_cpu_seconds: float
    """Until the first audio."""
    first_wall_seconds: float
    gap_seconds: float = 0.0
    """The longest time without audio for a listener who begins with the first audio."""


@dataclass(slots=True)
class Costs:
    """What one process measured."""

    load_seconds: float = 0.0
    loaded_bytes: int = 0
    """Resident memory after the model was loaded."""
    private_bytes: int = 0
    """What of it is no mapped file, which the system can drop and read again."""
    alone: dict[str, Cost] = field(default_factory=dict)
    """By seconds of audio."""
    together: Cost | None = None
    """Several at once."""


class Stopwatch:
    """Counts from its making on."""

    def __init__(self) -> None:
        """Starts."""
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def read(self) -> tuple[float, float]:
        """Returns the seconds of CPU time and on the clock so far."""
        return time.process_time() - self._cpu, time.perf_counter() - self._wall


class Listener:
    """Hears the audio of one utterance as it comes."""

    def __init__(self, watch: Stopwatch) -> None:
        """Listens from now on."""
        self._watch = watch
        self._audio_seconds = 0.0
        self._first = (0.0, 0.0)
        self._gap_seconds = 0.0

    def hear(self, audio_seconds: float) -> None:
        """Notes that so much audio came just now."""
        now = self._watch.read()
        if not self._audio_seconds:
            self._first = now
        played_seconds = now[1] - self._first[1]
        self._gap_seconds = max(self._gap_seconds, played_seconds - self._audio_seconds)
        self._audio_seconds += audio_seconds

    def cost(self) -> Cost:
        """Returns what it took until now."""
        cpu, wall = self._watch.read()
        return Cost(self._audio_seconds, cpu, wall, *self._first, self._gap_seconds)


def note_memory(costs: Costs) -> None:
    """Notes what the process holds now."""
    gc.collect()
    resident, shared = map(int, Path("/proc/self/statm").read_text().split()[1:3])
    page_bytes = os.sysconf("SC_PAGE_SIZE")
    costs.loaded_bytes = resident * page_bytes
    costs.private_bytes = (resident - shared) * page_bytes
