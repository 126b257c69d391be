"""What is to be said: a text, or one that is still being written, as sentences to speak."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from services.chassis.errors import InvalidInputError
from services.inference.text.phrases import phrases
from services.inference.text.sentences import Sentence, SentenceFeed
from services.inference.text.speakable import (
    ScriptCheck,
    UnspeakableTextError,
    check_speakable,
)

STEP_CHARACTERS = 2_000
"""So much of a long text is looked at on the event loop at once."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the text, ready to be spoken."""

    texts: tuple[str, ...]
    """Normalised; in several parts where the words take more room than what was written."""
    text_offset: int
    text_length: int


class Script:
    """A text, or pieces of one that arrive; read once, and no further ahead than needed."""

    def __init__(
        self,
        text: str | AsyncIterator[str | None],
        max_characters: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`text` is whole, or comes in pieces cut anywhere; None asks to speak what is there."""
        self._text = text
        self._max_characters = max_characters
        self._clock = clock
        self._character_count = 0
        self.first_text_time = 0.0
        """When the first text arrived, on the clock; zero for a text that was there at once."""

    def check(self) -> None:
        """Raises InvalidInputError for a whole text that is empty or too long."""
        if isinstance(self._text, str):
            self._count(self._text)
            if not self._text.strip():
                message = "The text is empty: say what is to be spoken."
                raise InvalidInputError(message, reason="EMPTY_TEXT", field="text")

    async def lines(
        self, language_code: str, max_characters: int, pronunciations: Mapping[str, str]
    ) -> AsyncGenerator[Line, None]:
        """Yields the sentences, each as soon as it is complete.

        Raises InvalidInputError for what cannot be spoken, and for too much of it.
        """
        feed = SentenceFeed(language_code, max_characters)
        async with aclosing(self._sentences(feed, language_code)) as sentences:
            async for sentence in sentences:
                said = phrases(sentence, language_code, max_characters, pronunciations)
                texts = tuple(phrase.text for phrase in said)
                if texts:
                    yield Line(texts, sentence.text_offset, sentence.text_length)

    async def _sentences(
        self, feed: SentenceFeed, language_code: str
    ) -> AsyncGenerator[Sentence, None]:
        if isinstance(self._text, str):
            with _refusing():
                check_speakable(self._text, language_code, self._max_characters)
            for start in range(0, len(self._text), STEP_CHARACTERS):
                for sentence in feed.feed(self._text[start : start + STEP_CHARACTERS]):
                    yield sentence
                await asyncio.sleep(0)
            for sentence in feed.flush():
                yield sentence
        else:
            script = ScriptCheck(language_code)
            async for piece in self._text:
                told = feed.flush() if piece is None else feed.feed(self._arrived(piece))
                for sentence in _readable(told, script):
                    yield sentence
            for sentence in _readable(feed.flush(), script):
                yield sentence

    def _arrived(self, piece: str) -> str:
        self._count(piece)
        if not self.first_text_time:
            self.first_text_time = self._clock()
        return piece

    def _count(self, piece: str) -> None:
        self._character_count += len(piece)
        if self._character_count > self._max_characters:
            message = (
                f"The text is longer than {self._max_characters} characters: send it in parts, or "
                "raise TTSTRAINER_INFERENCE_MAX_TEXT_CHARACTERS."
            )
            raise InvalidInputError(message, reason="TEXT_TOO_LONG", field="text")


def _readable(sentences: Iterator[Sentence], script: ScriptCheck) -> Iterator[Sentence]:
    for sentence in sentences:
        with _refusing():
            script.read(sentence.text)
        yield sentence


@contextmanager
def _refusing() -> Iterator[None]:
    """Tells the caller what a text is refused for."""
    try:
        yield
    except UnspeakableTextError as error:
        raise InvalidInputError(error.message, reason=error.reason, field="text") from error
