"""The voices that there are: looked up before each speech, listed, deleted."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from services.chassis.bus import Bus
from services.chassis.errors import ConflictError, NotFoundError
from services.inference.voices.voice import BuiltInVoice, State, Voice
from services.inference.voices.voice_data import VoiceData
from services.inference.voices.voice_records import Record, VoiceRecords
from ttstrainer.inference.v1 import inference_events_pb2 as events

BuiltInVoices = Callable[[], Awaitable[Sequence[BuiltInVoice]]]
"""Returns the models' own voices; quick, since it is asked before each speech."""
StopVoice = Callable[[str], object]
"""Ends the streams of a voice in this process, which forgets it."""


@dataclass(frozen=True, slots=True)
class VoiceBook:
    """Built-in and cloned voices; where both have one name, the built-in one counts."""

    records: VoiceRecords
    data: VoiceData
    built_in_voices: BuiltInVoices
    bus: Bus
    stop_voice: StopVoice
    now: Callable[[], datetime]

    async def speakable(self, voice_id: str) -> Voice:
        """Returns a voice that may speak now. Raises NotFoundError and ConflictError."""
        voice = await self.get(voice_id)
        if voice.state is not State.READY:
            message = (
                f"The voice {voice_id!r} may not speak: the consent it rests on was withdrawn. "
                "Choose another voice."
            )
            raise ConflictError(message, reason="VOICE_WITHDRAWN", field="voice_id")
        return voice

    async def get(self, voice_id: str) -> Voice:
        """Returns a voice as it is now. Raises NotFoundError."""
        if voice := await self.built_in(voice_id):
            return voice
        return there(voice_id, await self.records.newest(voice_id))

    async def built_in(self, voice_id: str) -> Voice | None:
        """Returns a model's own voice, or None."""
        found = (each for each in await self.built_in_voices() if each.name == voice_id)
        return next((each.as_voice() for each in found), None)

    async def first_of(self, model: str) -> str:
        """Returns the id of the first voice that a model brings along; its name if it has none."""
        found = (each for each in await self.built_in_voices() if each.as_voice().model == model)
        return next((each.name for each in found), model)

    async def page(self, size: int, after: str) -> list[Voice]:
        """Returns the first `size` voices whose ids come after `after`, ordered by their ids."""
        own = {each.name: each.as_voice() for each in await self.built_in_voices()}
        found: list[Voice] = []
        for voice_id in sorted({*own, *await self.records.voice_ids()}):
            if voice_id <= after:
                continue
            voice = own.get(voice_id) or (await self.records.newest(voice_id)).voice
            if voice:
                found.append(voice)
            if len(found) == size:
                break
        return found

    async def refuse_built_in(self, voice_id: str) -> None:
        """Raises ConflictError for a built-in voice, which nobody can change or delete."""
        if await self.built_in(voice_id):
            message = f"The voice {voice_id!r} belongs to a model: it cannot be changed or deleted."
            raise ConflictError(message, reason="BUILT_IN_VOICE", field="voice_id")

    async def delete(self, voice_id: str) -> int:
        """Removes a voice with all that was derived from it; returns how many objects that were.

        Raises NotFoundError, and ConflictError for a built-in voice.
        """
        await self.refuse_built_in(voice_id)

        voice, number = await self.records.delete(voice_id, partial(there, voice_id))
        self.stop_voice(voice_id)
        removed = await self.data.remove(voice_id, voice.data_id)
        await self.bus.publish(
            events.VoiceDeleted(voice_id=voice_id), message_id=f"{voice_id}/{number}/deleted"
        )
        return removed

    async def remove_leftovers(self) -> int:
        """Removes what interrupted clonings and deletions left; returns how many objects."""
        removed = 0
        for voice_id in await self.records.voice_ids():
            voice = (await self.records.newest(voice_id)).voice
            kept = voice.data_id if voice else ""
            removed += await self.data.remove_abandoned(voice_id, kept, self.now())
        return removed


def there(voice_id: str, record: Record) -> Voice:
    """Returns the voice of a record; raises NotFoundError when there is none."""
    if record.voice:
        return record.voice
    message = f"There is no voice {voice_id!r}; ListVoices names those there are."
    raise NotFoundError(message, reason="VOICE_NOT_FOUND", field="voice_id")
