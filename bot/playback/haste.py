"""How much faster is spoken while many wait."""

from typing import Final

UNHURRIED_COUNT: Final = 2
"""So many may wait before anything is hurried."""
HASTE_PER_ITEM: Final = 0.08
MOST_HASTE: Final = 1.5
"""Faster than that, voices are hard to follow."""
SLOWEST: Final = 0.5
FASTEST: Final = 2.0
"""What the inference service takes."""


def haste(waiting_count: int) -> float:
    """Returns the factor of speed while `waiting_count` others wait: from 1 to 1.5."""
    return min(MOST_HASTE, 1.0 + HASTE_PER_ITEM * max(0, waiting_count - UNHURRIED_COUNT))


def hastened(speed: float, waiting_count: int) -> float:
    """Returns the speed to speak at; a voice that is fast already is not made faster than 2."""
    return max(SLOWEST, min(FASTEST, speed * haste(waiting_count)))
