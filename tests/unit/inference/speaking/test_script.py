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


CHINESE = "\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002"  # The weather is fine today.


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_pieces_in_a_script_of_another_language_are_refused_as_the_whole_is(
    size: int,
) -> None:
    text = CHINESE * 3
    cut = [text[start : start + size] for start in range(0, len(text), size)]
    for script in (Script(text, 1_000), Script(pieces(cut), 1_000)):
        with pytest.raises(InvalidInputError) as refused:
            await lines_of(script)
        assert (refused.value.reason, refused.value.field) == ("UNREADABLE_SCRIPT", "text")


async def test_another_script_is_refused_with_its_first_sentence_and_not_at_the_end() -> None:
    async def writing() -> AsyncIterator[str | None]:
        yield CHINESE
        yield None
        pytest.fail("the text was read on")

    with pytest.raises(InvalidInputError):
        await lines_of(Script(writing(), 1_000))


async def test_a_quotation_is_spoken_in_pieces_as_in_the_whole_until_it_is_most_of_the_text() -> (
    None
):
    text = f"Here is what he said to all of us there. {CHINESE} And then he went home."
    whole = await lines_of(Script(text, 1_000))
    assert await lines_of(Script(pieces(text), 1_000)) == whole
    with pytest.raises(InvalidInputError) as refused:
        await lines_of(Script(pieces([text, CHINESE * 10]), 1_000))
    assert refused.value.reason == "UNREADABLE_SCRIPT"


async def test_pieces_without_words_are_left_out() -> None:
    lines = await lines_of(Script(pieces(["...", None, "Hello there.", None, " --- "]), 1_000))
    assert [line.texts for line in lines] == [("Hello there.",)]
