"""What a block of code adds to the metrics of this process."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY

Series = tuple[str, tuple[tuple[str, str], ...]]


class Counted:
    """The differences, once the block is over."""

    def __init__(self) -> None:
        """Begins with what is counted so far."""
        self._before = _samples()
        self._after: dict[Series, float] = {}

    def end(self) -> None:
        """Ends the block."""
        self._after = _samples()

    def __call__(self, name: str, **labels: str) -> float:
        """Returns how much a sample has grown; fails where the series does not exist."""
        series = (name, tuple(sorted(labels.items())))
        # What other tests have counted before need not be a whole number of anything.
        return round(self._after[series] - self._before.get(series, 0.0), 6)


@contextmanager
def counting() -> Iterator[Counted]:
    """Gives the differences that the block makes."""
    counted = Counted()
    yield counted
    counted.end()


def _samples() -> dict[Series, float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
    }
