"""What is to be said, as sentences ready to be spoken."""

from collections.abc import AsyncIterator, Iterable

import pytest

from services.chassis.errors import InvalidInputError
from services.inference.speaking.script import Line, Script

TEXT = "Dr. Smith paid $5 for it. Did he really? He did, on the 3rd of May."


async def pieces(parts: Iterable[str | None]) -> AsyncIterator[str | None]:
    for part in parts:
        yield part


async def lines_of(script: Script, max_characters: int = 120) -> list[Line]:
    script.check()
    return [line async for line in script.lines("en", max_characters, {})]


async def test_lines_are_words_and_point_to_what_was_written() -> None:
    lines = await lines_of(Script(TEXT, 1_000))
    written = [TEXT[line.text_offset : line.text_offset + line.text_length] for line in lines]
    assert " ".join(written) == TEXT
    assert "five dollars" in lines[0].texts[0]
    assert all("$" not in text for line in lines for text in line.texts)


async def test_pieces_give_the_lines_of_the_whole() -> None:
    whole = await lines_of(Script(TEXT, 1_000))
    for size in (1, 2, 7, 30):
        cut = [TEXT[start : start + size] for start in range(0, len(TEXT), size)]
        assert await lines_of(Script(pieces(cut), 1_000)) == whole


async def test_words_that_take_more_room_than_what_was_written_are_cut() -> None:
    (line,) = await lines_of(Script("It was 123,456,789.", 1_000), max_characters=40)
    assert len(line.texts) > 1
    assert max(map(len, line.texts)) <= 40


async def test_a_flush_speaks_what_is_there() -> None:
    script = Script(pieces(["Well then", None, " go on"]), 1_000)
    lines = [line async for line in script.lines("en", 120, {})]
    assert [line.texts[0] for line in lines] == ["Well then", "go on"]
    assert [line.text_offset for line in lines] == [0, 10]


async def test_text_is_read_no_further_ahead_than_needed() -> None:
    read: list[str] = []

    async def writing() -> AsyncIterator[str | None]:
        for number in range(100):
            read.append(f"This is the sentence with number {number}. ")
            yield read[-1]

    lines = Script(writing(), 100_000).lines("en", 120, {})
    await anext(lines)
    assert len(read) <= 3
    await lines.aclose()


async def test_the_time_of_the_first_text_is_known() -> None:
    now = 0.0

    async def writing() -> AsyncIterator[str | None]:
        nonlocal now
        now = 5.0
        yield "Hello there."
        now = 9.0
        yield " And more."

    script = Script(writing(), 100, lambda: now)
    assert script.first_text_time == 0
    await lines_of(script)
    assert script.first_text_time == 5


async def test_more_than_may_be_said_is_refused_as_soon_as_it_is_known() -> None:
    with pytest.raises(InvalidInputError, match="longer than 10 characters"):
        Script("word " * 10, 10).check()
    with pytest.raises(InvalidInputError, match="longer than 10 characters"):
        await lines_of(Script(pieces(["word "] * 10), 10))
