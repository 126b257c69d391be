"""Takes the marks of Discord's Markdown out of a text."""

import re
from collections.abc import Sequence

from bot.text.words import Words

_ESCAPED = re.compile(r"\\([^\w\s])")
_CODE = re.compile(r"```.*?```", re.DOTALL)
_SPOILER = re.compile(r"\|\|.+?\|\|", re.DOTALL)
_LINES = re.compile(r"^[ \t]*(?:>{1,3}[ \t]+|-?#{1,3}[ \t]+|[-*+•][ \t]+)+", re.MULTILINE)
_PAIRS: Sequence[re.Pattern[str]] = (
    re.compile(r"(`{1,2})([^`]+)\1"),
    re.compile(r"(\*{1,3})(?=\S)([^*]+?)(?<=\S)\1"),
    re.compile(r"(~~)(?=\S)([^~]+?)(?<=\S)\1"),
    re.compile(r"(__)(?=\S)((?:(?!__).)+?)(?<=\S)\1", re.DOTALL),
    re.compile(r"(?<!\w)(_{1,3})(?=\S)([^_]+?)(?<=\S)\1(?!\w)"),
)
"""What stands between two marks never holds that mark, so that each is looked at once."""
_LEFT_OVER = re.compile(
    r"[`|~<>\\\u2028\u2029]+|\*{2,}|_{2,}|(?<!\d)\*|\*(?!\d)|(?<!\w)_|_(?!\w)|:/{2,}"
)
_ENDS = ".!?…:;,。！？，、：；।؟"  # noqa: RUF001 - wide punctuation


def hide(text: str, words: Words) -> str:
    """Returns `text` with a word in the place of code, and of what is to be looked at on purpose.

    Must come first: what is hidden must not be said by another rule.
    """
    text = _CODE.sub(f" {words.code} ", text)
    text = _SPOILER.sub(f" {words.spoiler} ", text)
    return _ESCAPED.sub(r"\1", text)


def strip_marks(text: str, words: Words) -> str:
    """Returns `text` on one line, without marks; each line is a sentence. Must come last."""
    text = _LINES.sub("", text)
    for pair in _PAIRS:
        for _ in range(3):  # bold in italics in struck out
            text = pair.sub(r"\2", text)
    lines = filter(None, map(str.strip, _LEFT_OVER.sub(" ", text).split("\n")))
    said = next(lines, "")
    for line in lines:
        said += stop_after(said, words) + line
    return said


def stop_after(text: str, words: Words) -> str:
    """Returns what is to stand between a text and the next sentence."""
    return " " if text[-1:] in _ENDS else words.stop
