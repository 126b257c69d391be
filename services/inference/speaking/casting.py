"""Who speaks: from a request's wishes to a voice, a model and a language."""

from collections.abc import Collection
from typing import Protocol

from services.chassis.errors import InvalidInputError
from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import Conditioning, Engine
from services.inference.pool.loaded_model import LoadedModel
from services.inference.speaking.options import SpeechOptions
from services.inference.voices.voice import Voice


class Voices(Protocol):
    """The voices that there are."""

    async def speakable(self, voice_id: str) -> Voice:
        """Returns a voice that may speak. Raises NotFoundError, and ConflictError if it may not."""

    async def first_of(self, model: str) -> str:
        """Returns the id of the first voice that a model brings along; its name if it has none."""

    async def conditioning(
        self, voice: Voice, engine: Engine, model: str, version: str
    ) -> Conditioning:
        """Returns a cloned voice as the engine of this model and version sees it."""


async def voice_wanted(options: SpeechOptions, default_voice: str, voices: Voices) -> str:
    """Returns the id of the voice that a request means; a model alone means its first own voice."""
    if options.voice_id or not options.model:
        return options.voice_id or default_voice
    return await voices.first_of(options.model)


async def conditioning_of(voice: Voice, model: LoadedModel, voices: Voices) -> Conditioning | None:
    """Returns a voice as a model that it fits sees it; None for the model's only one.

    Raises InvalidInputError when this version of the model does not bring the voice along.
    """
    if not voice.is_built_in:
        return await voices.conditioning(voice, model.engine, *model.key)
    return model.engine.speaker(voice.speaker) if voice.speaker else None


def check_fit(voice: Voice, model: ModelDescription) -> None:
    """Raises InvalidInputError when the model cannot speak with the voice."""
    name = model.name
    if voice.is_built_in and voice.model != name:
        message = (
            f"The voice {voice.voice_id!r} belongs to the model {voice.model!r}: {name!r} cannot "
            "speak with it. Leave options.model empty, or name a cloned voice."
        )
        raise InvalidInputError(message, reason="VOICE_NOT_OF_MODEL", field="options.model")
    if not voice.is_built_in and not model.can_clone:
        message = (
            f"The model {name!r} speaks with its own voices alone, not with the clone "
            f"{voice.voice_id!r}: name a model that clones, or leave options.model empty."
        )
        raise InvalidInputError(message, reason="MODEL_CANNOT_CLONE", field="options.model")


def language_spoken(asked: str, language_codes: Collection[str], model: str) -> str:
    """Returns the language among `language_codes` that `asked` means: pt-BR is spoken as pt.

    Empty means the model's only language. Raises InvalidInputError when it speaks no such one.
    """
    if not asked and len(language_codes) == 1:
        return next(iter(language_codes))
    wanted = asked.replace("_", "-").casefold()
    by_name = {code.casefold(): code for code in sorted(language_codes, reverse=True)}
    by_primary_tag = {name.split("-")[0]: code for name, code in by_name.items()}
    for known in (by_name, by_primary_tag):
        for name in (wanted, wanted.split("-")[0]):
            if name in known:
                return known[name]
    spoken = ", ".join(sorted(language_codes))
    message = (
        f"The model {model!r} does not speak {asked!r}: ask for one of {spoken}."
        if asked
        else f"Say which language the text is in: the model {model!r} speaks {spoken}."
    )
    reason = "UNSUPPORTED_LANGUAGE"
    raise InvalidInputError(message, reason=reason, field="options.language_code")
