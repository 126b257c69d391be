# ruff: noqa: RUF001 - punctuation of many scripts
"""Reduces punctuation to what a voice can express: pauses, questions, exclamations."""

import re
from collections.abc import Sequence

from services.inference.text.languages import WITHOUT_SPACES, primary

_WIDE_ELLIPSIS = re.compile(r"[…⋯]+|\.{2,}|。{2,}")
_GAP_IN_WIDE = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
_RULES: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"[\"{}\[\]()（）［］｛｝〈〉《》【】〔〕‹›]+\s*$"), ""),
    (re.compile(r"\s*[(\[{（［｛〈《【〔]\s*|\s*[)\]}）］｝〉》】〕]\s*"), ", "),
    (re.compile(r"[\"‹›]"), ""),
    (re.compile(r"(?<!\w)'+|'+(?!\w)"), ""),
    (re.compile(r"\s*[—–]+\s*|\s-+\s|-{2,}"), ", "),
    (re.compile(r"(?<!\w)-+|-+(?!\w)"), " "),
    (re.compile(r"[!?！？‼⁇⁈⁉]*[?？⁇⁈⁉][!?！？‼⁇⁈⁉]*"), "?"),
    (re.compile(r"[!！‼]+"), "!"),
    (re.compile(r"\s+"), " "),
    (re.compile(r"\s+(?=[,.;:!?。，、！？；：।؟،])"), ""),
    (re.compile(r"[,，、;:；：]+\s*(?=[,.;:!?。，、！？；：।؟])"), ""),
    (re.compile(r"(?<=[.!?。！？।؟])\s*[,;:，、]"), ""),
    (re.compile(r"([.。।])\s*(?=[.。।])"), ""),
    (re.compile(r"^[\s,.;:!?。，、！？；：।؟،]+"), ""),
)


def plain_punctuation(text: str, language_code: str) -> str:
    """Returns `text` on one line, with single marks of the usual kind and no brackets or quotes.

    An ellipsis is a pause: a comma inside a sentence, a stop at its end. A question that is also
    an exclamation is a question.
    """
    is_wide = primary(language_code) in WITHOUT_SPACES
    text = _WIDE_ELLIPSIS.sub(lambda found: _pause(found, is_wide=is_wide), text)
    before = ""
    while text != before:  # ends, as no rule makes a text longer twice
        before = text
        for pattern, replacement in _RULES:
            text = pattern.sub(replacement, text)
    if is_wide:
        text = _GAP_IN_WIDE.sub("", text)
    return text.strip()


def _pause(found: re.Match[str], *, is_wide: bool) -> str:
    is_end = not found.string[found.end() :].strip("\"')”’」』 ")
    if is_wide:
        return "。" if is_end else "，"
    return "." if is_end else ", "
