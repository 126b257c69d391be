# ruff: noqa: RUF001 - many scripts share shapes
"""Finds where sentences end, in a text of which more may come.

Every decision rests on what is certain: a boundary found in a text is found in every longer text
that begins with it. So the sentences are the same however the text arrives.
"""

import re
from dataclasses import dataclass
from enum import Enum

from services.inference.text.abbreviations import ends_no_sentence
from services.inference.text.languages import DOTTED_ORDINALS

LONGEST_GAP = 32
"""So much white space ends a sentence, whatever stands around it."""

_STOPS = "。！？｡．।॥؟۔"
"""Stops that need no space after them."""
_ENDS = ".!?…‼⁇⁈⁉" + _STOPS
_CLOSERS = "\"'”’»›“‘«)\\]}」』】〉》）］｝*_`~"
_OPENERS = "\"'“‘«‹„”’»(\\[{「『【〈《（［｛¿¡*_`~#>–—-"
_CONTINUES = "、，,とっ"
"""What goes on with a sentence after a quotation, in Japanese and Chinese."""
_EVENT = re.compile(rf"(?P<end>[{_ENDS}]+(?:[{_CLOSERS}]|[\u00a0\u202f ]»(?=\s|$))*)|\s{{2,}}|\n")
_GAP = re.compile(rf"\s{{0,{LONGEST_GAP}}}")
_BEFORE_WORD = re.compile(rf"[{_OPENERS}]*")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n|\u2029")
_MARKER = re.compile(r"(?:[-*+•‣◦–—]|\d{1,3}[.)]|#{1,6}|>)\s|\||```")
_MARKER_BEGUN = re.compile(r"(?:[-*+•‣◦–—]|\d{1,3}[.)]?|#{1,6}|>|`{1,2})?")
_HEADING = re.compile(r"#{1,6}\s|\|")
_LAST_WORD = re.compile(rf"[^\s{_OPENERS}]\S*$")


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a sentence ends."""

    end: int
    """The index after its last character."""
    is_paragraph: bool = False
    """Whether more than a sentence ends, so that nothing is to be joined across it."""


class Verdict(Enum):
    """What else there is to say of a place."""

    NONE = 0
    """No sentence ends."""
    UNDECIDED = 1
    """That hangs on what comes next."""


Decision = Boundary | Verdict


def next_boundary(text: str, start: int, language: str, *, is_whole: bool) -> Decision:
    """Returns the first boundary after `start`, in a `text` that begins with a sentence.

    `is_whole` says that nothing comes after `text`. The end of the text itself is no boundary.
    """
    for event in _EVENT.finditer(text, start):
        if event.end() == len(text):
            if is_whole:
                return Verdict.NONE
            return _hard(event) or Verdict.UNDECIDED
        if event["end"]:
            decision = _at_stop(text, event, language, is_whole=is_whole)
        else:
            decision = _hard(event) or _at_line_end(text, event, is_whole=is_whole)
        if decision is not Verdict.NONE:
            return decision
    return Verdict.NONE


def _hard(space: re.Match[str]) -> Boundary | None:
    """Returns the boundary that white space is, whatever comes next."""
    if space.lastgroup != "end" and _is_paragraph(space[0]):
        return Boundary(space.start(), is_paragraph=True)
    return None


def _is_paragraph(gap: str) -> bool:
    return len(gap) >= LONGEST_GAP or _PARAGRAPH.search(gap) is not None


def _at_line_end(text: str, space: re.Match[str], *, is_whole: bool) -> Decision:
    """Ends a sentence at a line's end where a heading, a table row or a list item stands."""
    if "\n" not in space[0]:
        return Verdict.NONE
    here = Boundary(space.start(), is_paragraph=True)
    if _HEADING.match(text) or _MARKER.match(text, space.end()):
        return here
    begun = _MARKER_BEGUN.match(text, space.end())
    if not is_whole and begun and begun.end() == len(text):
        return Verdict.UNDECIDED
    return Verdict.NONE


def _at_stop(text: str, event: re.Match[str], language: str, *, is_whole: bool) -> Decision:
    end = event.end()
    gap = _GAP.match(text, end)
    gap_text = gap[0] if gap else ""
    if _is_paragraph(gap_text):
        return Boundary(end, is_paragraph=True)
    word = _BEFORE_WORD.match(text, end + len(gap_text))
    next_index = word.end() if word else end
    stops = event["end"].rstrip(_CLOSERS)
    if not gap_text:
        is_stop = any(stop in _STOPS for stop in stops) and text[end] not in _CONTINUES
        return Boundary(end) if is_stop and text[end] not in _ENDS else Verdict.NONE
    if next_index == len(text):
        return Boundary(end) if is_whole else Verdict.UNDECIDED
    if text[next_index].islower():
        return Verdict.NONE
    if stops in {".", "．"}:
        return _at_dot(text, event, language, text[next_index])
    return Boundary(end)


def _at_dot(text: str, event: re.Match[str], language: str, following: str) -> Decision:
    """Tells the dot that ends a sentence from those of abbreviations, initials and ordinals."""
    found = _LAST_WORD.search(text, 0, event.start())
    word = found[0] if found else ""
    is_item = word.isdigit() and found is not None and not text[: found.start()].strip()
    is_ordinal = word.isdigit() and len(word) <= len("31") and language in DOTTED_ORDINALS
    if is_item or is_ordinal or ends_no_sentence(word, language, following):
        return Verdict.NONE
    return Boundary(event.end())
