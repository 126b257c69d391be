"""The languages of a recording: tags as people write them, codes as recognisers know them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from services.chassis.errors import InvalidInputError

TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
OTHER_CODES = {"jv": "jw", "nb": "no", "fil": "tl", "cmn": "zh", "iw": "he"}
"""BCP-47 languages that Whisper knows under another code."""


def whisper_code(tag: str) -> str:
    """Returns the recogniser's code for a BCP-47 tag: `en` for `en-GB`."""
    primary = tag.split("-", 1)[0].lower()
    return OTHER_CODES.get(primary, primary)


def checked_code(tag: str, known: Iterable[str], *, model: str) -> str:
    """Returns the code for `tag`, which must be among `known`; raises InvalidInputError."""
    code = whisper_code(tag)
    languages = sorted(known)
    if code in languages:
        return code
    hint = "a multilingual one, such as 'small'," if len(languages) == 1 else "another one"
    raise InvalidInputError(
        f"The model {model!r} does not know the language {tag!r} (it knows "
        f"{', '.join(languages[:8])}{', ...' if languages[8:] else ''}): ask for {hint} or for "
        "another language.",
        reason="UNKNOWN_LANGUAGE",
        field="language_code",
    )


def checked_tag(tag: str) -> str:
    """Returns `tag`; raises InvalidInputError when it is no BCP-47 tag."""
    if tag and not TAG.fullmatch(tag):
        raise InvalidInputError(
            f"{tag!r} is not a language: give a BCP-47 tag such as 'en' or 'pt-BR'.",
            reason="UNKNOWN_LANGUAGE",
            field="language_code",
        )
    return tag


def most_probable(probabilities: Iterable[Mapping[str, float]]) -> tuple[str, float]:
    """Returns the language with the highest mean probability over several cuts, and that mean.

    Returns ("", 0.0) when nothing is known.
    """
    per_cut = [of_cut for of_cut in probabilities if of_cut]
    sums: dict[str, float] = {}
    for of_cut in per_cut:
        for language, probability in of_cut.items():
            sums[language] = sums.get(language, 0.0) + probability
    if not sums:
        return "", 0.0
    best = min(sums, key=lambda language: (-sums[language], language))
    return best, sums[best] / len(per_cut)


def language_of_clip(
    heard: Mapping[str, float], of_recording: tuple[str, float], min_probability: float
) -> tuple[str, float]:
    """Returns the language of one clip, which is its recording's where the clip alone is unclear.

    People rarely change their language for one sentence, and a few seconds often do not tell.
    """
    language, probability = most_probable([heard])
    return (language, probability) if probability >= min_probability else of_recording


def mean_probability(probabilities: Sequence[Mapping[str, float]], language: str) -> float:
    """Returns the mean probability of one language; 0 when nothing is known."""
    per_cut = [of_cut for of_cut in probabilities if of_cut]
    return sum(c.get(language, 0.0) for c in per_cut) / len(per_cut) if per_cut else 0.0
