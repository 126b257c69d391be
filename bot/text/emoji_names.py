"""Says emoji by their names."""

import re
from functools import cache
from typing import Any

import emoji

from bot.text.languages import primary

_HEART = re.compile(r"<3(?![\d.,])")
_SHORTCODE = re.compile(r"(?<![\w:]):(?=[a-z0-9_+-]*[a-z])([a-z0-9_+-]{2,32}):(?![\w:])")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_VARIATION = "\ufe0f"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def say_emoji(text: str, language_code: str, *, comma: str, is_read: bool) -> str:
    """Returns `text` with emoji in words of the language, each once where it stands many times.

    Without `is_read`, and in languages for which there are no names, emoji are silent.
    """
    text = _HEART.sub(" ❤️ ", text)
    text = _SHORTCODE.sub(lambda f: _phrase(f[1], comma) if is_read else " ", text)
    if text.isascii():
        return text
    language = primary(language_code) or "en"
    language = language if is_read and language in emoji.LANGUAGES else ""
    last_end, last = -1, ""

    def name(characters: str, found: dict[str, Any]) -> str:
        nonlocal last_end, last
        between = text[last_end : found["match_start"]] if last_end >= 0 else "x"
        is_again = characters == last and not between.strip()
        last_end, last = found["match_end"], characters
        return " " if is_again or not language else _phrase(_name(characters, language), comma)

    return emoji.replace_emoji(text, name)


def custom_name(name: str) -> str:
    """Returns the words in the name of a guild's own emoji: "pepeHands_2" is "pepe Hands 2"."""
    return " ".join(_HUMP.sub(" ", name.replace("_", " ")).split())


def _phrase(name: str, comma: str) -> str:
    words = custom_name(name.replace("-", " ").replace("+", " plus "))
    return f"{comma}{words}{comma}" if words else " "


@cache
def _name(characters: str, language: str) -> str:
    """Returns the name of one emoji, without the colour of the skin; "" when there is none."""
    emoji.config.load_language(language)
    plain = _SKIN.sub("", characters)
    for form in (plain, plain + _VARIATION, plain.replace(_VARIATION, ""), characters):
        if found := emoji.EMOJI_DATA.get(form, {}).get(language):
            return str(found).strip(":")
    return ""
