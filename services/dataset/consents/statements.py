"""What a speaker says to agree, and how much of it was heard."""

import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from services.speech.text import normalised_words

WORDINGS = {
    "en": (
        "I, {name}, am the owner of this voice. I agree that synthetic speech is made with my "
        "voice, and I know that I can withdraw my consent at any time."
    ),
    "es": (
        "Yo, {name}, soy el titular de esta voz. Acepto que se genere habla sintética con mi voz, "
        "y sé que puedo retirar mi consentimiento en cualquier momento."
    ),
    "fr": (
        "Moi, {name}, je suis le titulaire de cette voix. J'accepte que de la parole synthétique "
        "soit produite avec ma voix, et je sais que je peux retirer mon consentement à tout moment."
    ),
    "de": (
        "Ich, {name}, bin der Inhaber dieser Stimme. Ich bin damit einverstanden, dass mit meiner "
        "Stimme künstliche Sprache erzeugt wird, und ich weiß, dass ich meine Einwilligung "
        "jederzeit widerrufen kann."
    ),
    "it": (
        "Io, {name}, sono il titolare di questa voce. Acconsento che con la mia voce venga "
        "generato del parlato sintetico, e so che posso revocare il mio consenso in ogni momento."
    ),
    "pt": (
        "Eu, {name}, sou o titular desta voz. Concordo que seja gerada fala sintética com a minha "
        "voz, e sei que posso retirar o meu consentimento a qualquer momento."
    ),
}
"""By primary language subtag."""
NAME_SIMILARITY = 0.5
"""Recognisers write names as they sound: half of the letters in the same order will do. `Chevonne
O'Neal` for Siobhán O'Neill has 0.50, another person's name 0.1 to 0.3."""


def wording(speaker_name: str, language_code: str) -> str | None:
    """Returns what `speaker_name` has to say; None for a language without a wording."""
    template = WORDINGS.get(primary(language_code))
    return template.format(name=speaker_name) if template else None


def match_ratio(speaker_name: str, language_code: str, heard: str) -> float:
    """Returns how much of the wording is heard in that order, in words, 0 to 1.

    The longest common subsequence over the words of the wording: what is said before, between and
    after does no harm. The words of the name count if `names_alike`.
    """
    expected, name = _plain_words(_without_name(language_code)), _plain_words(speaker_name)
    found = LCSseq.similarity(expected, _plain_words(heard))
    found += len(name) if names_alike(speaker_name, language_code, heard) else 0
    return found / (len(expected) + len(name))


def names_alike(speaker_name: str, language_code: str, heard: str) -> bool:
    """Says whether something like `speaker_name` is heard among what is not the wording's."""
    name, words = _plain_words(speaker_name), _plain_words(heard)
    rest = LCSseq.opcodes(_plain_words(_without_name(language_code)), words)
    wanted = "".join(name)
    return any(
        fuzz.ratio(wanted, "".join(window)) / 100 >= NAME_SIMILARITY
        for step in rest
        if step.tag == "insert"
        for width in {max(1, len(name) - 1), len(name), len(name) + 1}
        for window in _windows(words[step.dest_start : step.dest_end], width)
    )


def primary(language_code: str) -> str:
    """Returns the language of a BCP-47 tag: `pt` for `pt-BR`."""
    return language_code.split("-", 1)[0].lower()


def _without_name(language_code: str) -> str:
    return WORDINGS[primary(language_code)].format(name="")


def _windows(words: Sequence[str], width: int) -> list[Sequence[str]]:
    return [words[start : start + width] for start in range(max(1, len(words) - width + 1))]


def _plain_words(text: str) -> list[str]:
    """Returns the words of `text` without accents."""
    plain = unicodedata.normalize("NFKD", text)
    return normalised_words("".join(c for c in plain if not unicodedata.combining(c)))
