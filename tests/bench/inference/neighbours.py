"""What else kept the machine busy while something was measured."""

import os
import time
from pathlib import Path

from tests.bench.measured_stack import ticks_per_second


class Neighbours:
    """Counts the cores that other processes used, from its making on."""

    def __init__(self) -> None:
        """Begins to count."""
        self._others = self._other_seconds()
        self._wall = time.perf_counter()

    def core_count(self) -> float:
        """Returns how many cores others kept busy on average, once our children have ended."""
        return (self._other_seconds() - self._others) / (time.perf_counter() - self._wall)

    def _other_seconds(self) -> float:
        ticks = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
        user, nice, system, _idle, _waiting, irq, softirq, _steal = ticks
        busy_seconds = (user + nice + system + irq + softirq) / ticks_per_second()
        return busy_seconds - sum(os.times()[:4])
