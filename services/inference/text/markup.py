"""Takes the marks of Markdown and HTML out of a text."""

import re
from collections.abc import Sequence

_RULES: Sequence[tuple[re.Pattern[str], str]] = (
    (
        re.compile(r"<(?:script|style)\b[^>]*>.*?</(?:script|style)>", re.IGNORECASE | re.DOTALL),
        " ",
    ),
    (re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL), " "),
    (re.compile(r"^\s*(?:```|~~~)[^\n]*$", re.MULTILINE), " "),
    (re.compile(r"^\s*(?:[-*_]\s*){3,}$", re.MULTILINE), " "),
    (re.compile(r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+\s*:?-*:?\s*$", re.MULTILINE), " "),
    (re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)"), r"\1"),
    (re.compile(r"!?\[([^\]\n]+)\]\[[^\]\n]*\]"), r"\1"),
    (re.compile(r"^\s*#{1,6}\s+", re.MULTILINE), ""),
    (re.compile(r"^\s*(?:>\s?)+", re.MULTILINE), ""),
    (re.compile(r"^\s*[-*+•‣◦]\s+", re.MULTILINE), ""),
    (re.compile(r"(\*{1,3}|~~)(?=\S)(.+?)(?<=\S)\1", re.DOTALL), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)", re.DOTALL), r"\2"),
    (re.compile(r"`+"), ""),
    (re.compile(r"\s*\|\s*"), ", "),
)


def strip_markup(text: str) -> str:
    """Returns what a reader of the rendered text would see, without the marks."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
