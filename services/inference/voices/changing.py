"""The use case UpdateVoice: what a person may change of a voice."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from services.chassis.errors import InvalidInputError
from services.inference.voices.voice import Voice
from services.inference.voices.voice_book import VoiceBook, there
from services.inference.voices.voice_fields import check_display_name, check_language
from services.inference.voices.voice_records import Record

CHANGEABLE = ("display_name", "language_code", "model")

CloningModel = Callable[[str], Awaitable[str]]
"""Returns the model of this name, or the service's own choice for an empty one; raises when it
cannot clone or may not be used."""


@dataclass(frozen=True, slots=True)
class Changing:
    """Changes voices."""

    book: VoiceBook
    cloning_model: CloningModel

    async def update(self, wanted: Voice, fields: Collection[str]) -> Voice:
        """Gives these fields of a voice the values that they have in `wanted`.

        Raises InvalidInputError for other fields and for what they cannot be, NotFoundError, and
        ConflictError for a built-in voice.
        """
        if not fields or not set(fields) <= set(CHANGEABLE):
            message = f"Name what to change in update_mask: {', '.join(CHANGEABLE)}."
            raise InvalidInputError(message, reason="INVALID_MASK", field="update_mask")
        await self.book.refuse_built_in(wanted.voice_id)
        values = {field: getattr(wanted, field) for field in fields}
        check_display_name(values.get("display_name", ""), field="voice.display_name")
        check_language(values.get("language_code", "en"), field="voice.language_code")
        if "model" in values:
            values["model"] = await self.cloning_model(values["model"])

        def changed(record: Record) -> Voice:
            voice = there(wanted.voice_id, record)
            found = replace(voice, **values, update_time=self.book.now())
            return replace(found, display_name=found.display_name or found.voice_id)

        return (await self.book.records.put(wanted.voice_id, changed))[1]
