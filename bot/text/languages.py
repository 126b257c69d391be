"""Languages by name: those that the voices of XTTS speak, which other models speak some of."""

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("English", "English"),
    "es": ("Spanish", "español"),
    "fr": ("French", "français"),
    "de": ("German", "Deutsch"),
    "it": ("Italian", "italiano"),
    "pt": ("Portuguese", "português"),
    "pl": ("Polish", "polski"),
    "tr": ("Turkish", "Türkçe"),
    "ru": ("Russian", "русский"),
    "nl": ("Dutch", "Nederlands"),
    "cs": ("Czech", "čeština"),
    "ar": ("Arabic", "العربية"),
    "zh-CN": ("Chinese", "中文"),
    "hu": ("Hungarian", "magyar"),
    "ko": ("Korean", "한국어"),
    "ja": ("Japanese", "日本語"),
    "hi": ("Hindi", "हिन्दी"),
}
"""By BCP 47 tag: the name in English, and in the language itself."""
ENGLISH: Final = "en"


def primary(language_code: str) -> str:
    """Returns the language alone of a BCP 47 tag: "pt" for "pt-BR"."""
    return language_code.replace("_", "-").split("-", 1)[0].lower()


def language_named(name: str) -> str:
    """Returns the tag of a language by its tag or one of its names, "" when there is none."""
    wanted = name.strip().casefold()
    for code, names in LANGUAGES.items():
        if wanted in {code.casefold(), *(known.casefold() for known in names)}:
            return code
    return ""


def shown_language(language_code: str) -> str:
    """Returns a language for people: "Deutsch (de)", or the tag where the name is not known."""
    code = language_named(language_code) or language_named(primary(language_code))
    return f"{LANGUAGES[code][1]} ({language_code})" if code else language_code
