"""Languages: BCP 47 outside, what coqui-tts calls them inside."""

from collections.abc import Iterable
from importlib.util import find_spec

_NEEDED_PACKAGES = {"zh": "pypinyin", "ja": "cutlet", "ko": "ko_speech_tools"}
"""What writes a language in Latin letters; coqui-tts installs it only when asked to."""


def spoken_languages(names: Iterable[str]) -> frozenset[str]:
    """Returns, as BCP 47, those of a config's languages that can be spoken with what is installed.

    The tokens of Chinese, Japanese and Korean are made of Latin letters.
    """
    return frozenset(
        _bcp47(name)
        for name in names
        if all(find_spec(package) for package in _packages(language_of(name)))
    )


def language_of(code: str) -> str:
    """Returns the language without the country, as coqui's tokenizer wants it."""
    return code.split("-", maxsplit=1)[0].lower()


def _bcp47(name: str) -> str:
    language, _, country = name.partition("-")
    return f"{language.lower()}-{country.upper()}" if country else language.lower()


def _packages(language: str) -> list[str]:
    package = _NEEDED_PACKAGES.get(language)
    return [package] if package else []
