"""From the models that there are to the voices that they bring along."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from anyascii import anyascii

from services.inference.catalogue.description import ModelDescription
from services.inference.voices.voice import MAX_VOICE_ID_CHARACTERS, BuiltInVoice

PREFERRED_LANGUAGE_CODE = "en"
"""What those speak who can speak it and others, until told otherwise."""


def built_in_voices(models: Sequence[ModelDescription]) -> list[BuiltInVoice]:
    """Returns the voices of `models`, which are of different names, in the models' order.

    A model's only voice is called as the model is; one of several as the model and the speaker,
    with a number where that is taken.
    """
    ids = _Ids({model.name for model in models})
    return [
        BuiltInVoice(
            name=model.name if is_alone else ids.new(f"{model.name}.{_slug(speaker)}"),
            language_code=_language_code(model),
            display_name=_shown(speaker),
            model=model.name,
            speaker=speaker,
        )
        for model in models
        for speaker, is_alone in _speakers(model)
    ]


class _Ids:
    """Ids of voices, each given once."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._counts: Counter[str] = Counter()

    def new(self, wanted: str) -> str:
        """Returns the id that is wanted, or one like it."""
        while True:
            self._counts[wanted] += 1
            number = self._counts[wanted]
            suffix = f"-{number}" if number > 1 else ""
            found = wanted[: MAX_VOICE_ID_CHARACTERS - len(suffix)].rstrip(".") + suffix
            if found not in self._taken:
                self._taken.add(found)
                return found


def _speakers(model: ModelDescription) -> Iterator[tuple[str, bool]]:
    """Yields who speaks with a model, and whether nobody else does; "" where there is no name."""
    names = model.speakers or (() if model.can_clone else ("",))
    yield from ((name, len(names) == 1) for name in names)


def _language_code(model: ModelDescription) -> str:
    codes = model.language_codes
    return PREFERRED_LANGUAGE_CODE if PREFERRED_LANGUAGE_CODE in codes else min(codes, default="")


def _slug(speaker: str) -> str:
    """Returns a name in small Latin letters: "Camilla Holmström" is camilla-holmstrom."""
    return re.sub(r"[^a-z0-9_]+", "-", anyascii(speaker).lower()).strip("-") or "speaker"


def _shown(speaker: str) -> str:
    """Returns a name on one line, without what nobody can see."""
    return "".join(filter(str.isprintable, " ".join(speaker.split())))
