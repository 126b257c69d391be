"""Marks on files: as long as the file is there, then a good while, then gone."""

from datetime import timedelta

import pytest

from services.pipeline.drops.bunches import File
from services.pipeline.drops.file_marks import FileMarks
from tests.fakes.key_value import InMemoryKeyValue
from tests.fakes.pipeline import NOW, Clock

KEPT_FOR = timedelta(days=90)
A, B = (File(f"ada/{name}.mp4", 1, NOW) for name in "ab")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bucket(clock: Clock) -> InMemoryKeyValue:
    return InMemoryKeyValue(clock)


async def days_pass(marks: FileMarks, clock: Clock, days: int, *seen: File) -> None:
    for _ in range(days):
        clock.pass_seconds(24 * 3600)
        await marks.tend(seen, clock())


async def test_the_mark_of_a_file_that_is_there_stays(
    bucket: InMemoryKeyValue, clock: Clock
) -> None:
    marks = FileMarks(bucket, "copied.", KEPT_FOR)
    await marks.add(A, b"why")
    await marks.add(B)
    await days_pass(marks, clock, 1000, A)

    assert await marks.identities() == {A.identity}
    (entry,) = bucket.entries.values()
    assert entry.value == b"why"


async def test_a_folder_that_is_away_for_a_while_loses_no_mark(
    bucket: InMemoryKeyValue, clock: Clock
) -> None:
    marks = FileMarks(bucket, "copied.", KEPT_FOR)
    await marks.add(A)
    for _ in range(5):
        await days_pass(marks, clock, 100, A)
        await days_pass(marks, clock, 44)

    assert await marks.has(A)


async def test_a_file_that_is_still_there_after_a_long_stop_keeps_its_mark(
    bucket: InMemoryKeyValue, clock: Clock
) -> None:
    await FileMarks(bucket, "copied.", KEPT_FOR).add(A)
    clock.pass_seconds(400 * 24 * 3600)
    marks = FileMarks(bucket, "copied.", KEPT_FOR)
    await marks.tend([A], clock())

    assert await marks.has(A)


async def test_marks_of_another_kind_are_left_alone(bucket: InMemoryKeyValue, clock: Clock) -> None:
    await FileMarks(bucket, "refused.", KEPT_FOR).add(A)
    await days_pass(FileMarks(bucket, "copied.", KEPT_FOR), clock, 100)

    assert len(bucket.entries) == 1


async def test_nothing_is_read_more_than_once_an_hour(
    bucket: InMemoryKeyValue, clock: Clock
) -> None:
    marks = FileMarks(bucket, "copied.", timedelta(minutes=10))
    await marks.tend([], clock())
    await marks.add(A)
    clock.pass_seconds(3599)
    await marks.tend([], clock())
    assert await marks.has(A)
    clock.pass_seconds(1)
    await marks.tend([], clock())
    assert not await marks.has(A)


async def test_marks_stay_for_ever_where_that_is_asked_for(
    bucket: InMemoryKeyValue, clock: Clock
) -> None:
    marks = FileMarks(bucket, "copied.", None)
    await marks.add(A)
    await days_pass(marks, clock, 1000)

    assert await marks.has(A)
