"""Chunks begin small and grow."""

from itertools import islice

import pytest

from services.inference.engines.xtts.chunk_schedule import ChunkSchedule


def test_the_last_size_goes_on() -> None:
    assert list(islice(ChunkSchedule().chunks(), 8)) == [8, 8, 8, 12, 20, 40, 40, 40]
    assert list(islice(ChunkSchedule((5,)).chunks(), 3)) == [5, 5, 5]


@pytest.mark.parametrize("sizes", [(), (8, 0), (-1,)])
def test_a_schedule_that_makes_nothing_is_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ChunkSchedule(sizes)
