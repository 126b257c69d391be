"""Where the text to speak comes from: the command line, a file, or whoever writes it right now."""

import asyncio
import codecs
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.errors import UsageError
from gateway.cli.names import printable

STANDARD_INPUT = Path("-")
READ_BYTES = 1 << 16
MAX_WAITING_PIECES = 16


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text that is there, or one that is still being written to standard input."""

    text: str
    is_written_now: bool = False


def text_source(text: str | None, file: Path | None) -> TextSource:
    """Returns what `--text` or `--file` name.

    Raises:
        UsageError: not exactly one of them is given, or the file is no text in UTF-8.
    """
    if (text is None) == (file is None):
        raise UsageError(
            "Say what to speak: --text TEXT or --file FILE, where - is standard input."
        )
    if file is None:
        return TextSource(text or "")
    if file == STANDARD_INPUT:
        return TextSource("", is_written_now=True)
    shown = printable(str(file))
    try:
        return TextSource(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is no text in UTF-8: convert it first.") from error
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}.") from error


async def written_text(descriptor: int = 0) -> AsyncIterator[str]:
    """Yields the text that comes in at a file descriptor, as soon as it comes.

    A thread of its own reads, which nobody waits for at the end: a terminal that is silent cannot
    be read without one, and must not keep an interrupted command alive.

    Raises:
        UsageError: what comes in is no text in UTF-8.
    """
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[bytes] = asyncio.Queue()
    room = threading.Semaphore(MAX_WAITING_PIECES)

    def pump() -> None:
        content = b"-"
        while content:
            room.acquire()
            try:
                content = os.read(descriptor, READ_BYTES)
            except OSError:  # there is no standard input
                content = b""
            try:
                loop.call_soon_threadsafe(pieces.put_nowait, content)
            except RuntimeError:  # the loop is closed: nobody listens any more
                return

    threading.Thread(target=pump, name="standard-input", daemon=True).start()
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while content := await pieces.get():
            room.release()
            if text := decoder.decode(content):
                yield text
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        message = "Standard input is no text in UTF-8: convert it first."
        raise UsageError(message) from error
