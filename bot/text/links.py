"""Says that there is a link, and to where, instead of spelling it."""

import re
from typing import Final

from bot.text.words import Words

LONGEST_HOST: Final = 40
_MASKED = re.compile(r"\[([^\[\]\n]{1,1000})\]\(\s*<?[a-z]{2,20}://[^\s()]{1,2000}>?\s*\)")
_LINK = re.compile(r"<?\b(?P<link>(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>|]+)>?", re.IGNORECASE)
_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:[^@/?#]*@)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?![\w.])",
    re.IGNORECASE,
)
_END = ".,;:!?)]*_~'\""


def say_links(text: str, words: Words) -> str:
    """Returns `text` with "link youtube.com" for a link; what is written on a link is kept."""
    return _LINK.sub(lambda found: _said(found, words), _MASKED.sub(r"\1", text))


def _said(found: re.Match[str], words: Words) -> str:
    link = found["link"].rstrip(_END)
    end = found["link"][len(link) :]
    host = _HOST.match(link)
    name = host["host"].lower().removeprefix("www.") if host else ""
    shown = f"{words.link} {name}" if name and len(name) <= LONGEST_HOST else words.link
    before = " " if found[0].startswith("<") else ""
    return f"{before}{shown}{end}"
