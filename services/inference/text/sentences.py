"""Splits texts into sentences, also while they are still being written."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.inference.text.boundaries import Verdict, next_boundary
from services.inference.text.cutting import cut_within
from services.inference.text.languages import primary

LOOKAHEAD = 64
"""How far beyond the longest sentence a decision may look, which bounds what is kept."""
SHORT_RATIO = 6
"""By default a sentence is short below a sixth of the longest."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it was written, without the white space around it."""

    text: str
    text_offset: int
    """Where it begins in the whole text, in Unicode characters."""

    @property
    def text_length(self) -> int:
        """How many characters of the whole text it takes."""
        return len(self.text)


class SentenceFeed:
    """Gives sentences as soon as they are complete, from text that arrives cut anywhere.

    Short sentences are joined with the next within a paragraph, as models speak them badly; long
    ones are cut. The sentences are the same however the text is cut into pieces, cover all of it
    but white space, and never overlap. Keeps a sentence and a little at most.
    """

    def __init__(
        self,
        language_code: str,
        max_characters: int,
        *,
        min_characters: int | None = None,
        is_first_early: bool = True,
    ) -> None:
        """Sentences shorter than `min_characters` are joined, up to `max_characters`.

        With `is_first_early` the first may be as short as it is, so that audio comes soon.
        Raises ValueError when nothing would fit.
        """
        if max_characters < 1:
            raise ValueError("max_characters must be 1 or more")
        self._language = primary(language_code)
        self._max = max_characters
        self._min = max_characters // SHORT_RATIO if min_characters is None else min_characters
        self._is_early = is_first_early
        self._rest = ""
        self._offset = 0

    def feed(self, piece: str) -> Iterator[Sentence]:
        """Takes the next piece of text, and yields the sentences that it completes."""
        # In steps, so that a long piece is not copied anew for each of its sentences.
        step = self._max + LOOKAHEAD
        for start in range(0, len(piece), step):
            self._rest += piece[start : start + step]
            yield from self._complete(is_whole=False)

    def flush(self) -> Iterator[Sentence]:
        """Yields what is there, complete or not; the text may go on after it."""
        yield from self._complete(is_whole=True)

    def _complete(self, *, is_whole: bool) -> Iterator[Sentence]:
        self._skip(len(self._rest) - len(self._rest.lstrip()))
        while self._rest and (end := self._end(is_whole=is_whole)):
            yield Sentence(self._rest[:end], self._offset)
            self._is_early = False
            self._skip(end)
            self._skip(len(self._rest) - len(self._rest.lstrip()))

    def _skip(self, count: int) -> None:
        self._rest = self._rest[count:]
        self._offset += count

    def _end(self, *, is_whole: bool) -> int:
        """Returns where the first sentence ends; 0 while that is not decided."""
        view = self._rest[: self._max + LOOKAHEAD]
        is_full = len(view) == self._max + LOOKAHEAD
        ends_here = is_whole and len(view) == len(self._rest)
        shortest = 1 if self._is_early else self._min
        position = last = 0
        while position <= self._max:
            found = next_boundary(view, position, self._language, is_whole=ends_here)
            if isinstance(found, Verdict):
                if found is Verdict.UNDECIDED and not is_full:
                    return 0
                break
            if found.end > self._max:
                break
            position = last = found.end
            if found.is_paragraph or found.end >= shortest:
                return found.end
        written = len(view.rstrip())
        if written > self._max:
            return last or len(view[: cut_within(view, self._max)].rstrip())
        return written if ends_here else 0


def split(
    text: str,
    language_code: str,
    max_characters: int,
    *,
    min_characters: int | None = None,
    is_first_early: bool = True,
) -> list[Sentence]:
    """Returns the sentences of a whole text; see SentenceFeed."""
    feed = SentenceFeed(
        language_code, max_characters, min_characters=min_characters, is_first_early=is_first_early
    )
    return [*feed.feed(text), *feed.flush()]
