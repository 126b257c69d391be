"""Where the text to speak comes from."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.cli.errors import UsageError
from gateway.cli.speech.text_source import text_source, written_text


def test_a_text_stands_on_the_command_line_or_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"\xef\xbb\xbfGood morning.\n")
    assert text_source("Hello.", None).text == "Hello."
    assert text_source(None, path).text == "Good morning.\n"
    assert text_source(None, Path("-")).is_written_now


@pytest.mark.parametrize("also", [None, Path("-")])
def test_exactly_one_text_is_wanted(also: Path | None) -> None:
    with pytest.raises(UsageError, match="--text TEXT or --file FILE"):
        text_source("Hello." if also else None, also)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"RIFF\xff\xfe")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        text_source(None, path)
    with pytest.raises(UsageError, match="cannot be read"):
        text_source(None, tmp_path / "gone")


async def collected(pieces: AsyncIterator[str]) -> list[str]:
    return [piece async for piece in pieces]


async def test_what_is_being_written_is_read_as_it_comes_even_within_a_character() -> None:
    reading, writing = os.pipe()
    heard = written_text(reading)
    os.write(writing, b"Gr\xc3")
    assert await anext(heard) == "Gr"
    os.write(writing, b"\xbc\xc3\x9fe!")
    assert await anext(heard) == "üße!"
    os.close(writing)
    assert await collected(heard) == []
    os.close(reading)


async def test_writing_that_is_no_text_is_refused() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"Gr\xc3")
    os.close(writing)
    with pytest.raises(UsageError, match="Standard input is no text"):
        await collected(written_text(reading))
    os.close(reading)


async def test_a_silent_writer_keeps_nobody_alive() -> None:
    reading, writing = os.pipe()
    heard = asyncio.ensure_future(anext(written_text(reading)))
    done, _ = await asyncio.wait([heard], timeout=0.05)
    assert not done
    heard.cancel()
    os.close(writing)
    with pytest.raises(asyncio.CancelledError):
        await heard
