"""Says web and e-mail addresses."""

import re

from services.inference.text.vocabulary import Vocabulary

LONGEST_PATH = 30
"""A longer path is left out: nobody follows it by ear."""
_EMAIL = re.compile(r"(?:mailto:)?\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", re.ASCII)
_URL = re.compile(
    r"\b(?:https?://|ftp://|www\.)([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?::\d+)?"
    r"(/[^\s<>\"')\]?#]*)?(?:[?#][^\s<>\"')\]]*)?",
)
_BARE = re.compile(
    r"\b((?:[A-Za-z0-9-]+\.)+(?:com|org|net|edu|gov|io|dev|ai|app|info|co\.uk))(/[^\s<>\"')\]?#]*)?\b(?!@)",
)
_END = ".,;:!?"
_DIGIT_IN_WORD = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


def say_addresses(text: str, words: Vocabulary) -> str:
    """Returns `text` with its addresses in words; schemes, queries and long paths are left out."""

    def url(found: re.Match[str]) -> str:
        end = found[0][len(found[0].rstrip(_END)) :]
        path = (found[2] or "").rstrip(_END).rstrip("/")
        host = found[1].removeprefix("www.")
        shown = host + path if len(path) <= LONGEST_PATH else host
        return _spoken(shown, words) + end

    text = _EMAIL.sub(lambda found: _spoken(found[0].removeprefix("mailto:"), words), text)
    return _BARE.sub(url, _URL.sub(url, text))


def _spoken(address: str, words: Vocabulary) -> str:
    signs = {
        "@": words.at,
        ".": words.dot,
        "/": words.slash,
        "-": words.dash,
        "_": words.underscore,
        "+": words.plus,
        "~": " ",
        "%": " ",
        "=": words.equals,
        "&": words.and_,
        ":": " ",
    }
    said = "".join(f" {signs[c]} " if c in signs else c for c in address)
    return " ".join(_DIGIT_IN_WORD.sub(" ", said).split())
