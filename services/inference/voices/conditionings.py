"""Cloned voices as models see them: made once per voice and model version, and kept."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import soundfile

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.errors import InvalidInputError, NotFoundError
from services.inference.engines.engine import Conditioning, Engine, ReferenceAudio
from services.inference.voices.voice import State, Voice
from services.inference.voices.voice_data import VoiceData, conditioning_key
from services.inference.voices.voice_records import VoiceRecords

REMEMBERED_COUNT = 64
"""XTTS's take 130 kB each."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A voice as one model version sees it, in memory."""

    voice_id: str
    data_id: str
    conditioning: Conditioning


class Conditionings:
    """Keeps them beside the voice, and the last ones in memory."""

    def __init__(self, store: ArtifactStore, records: VoiceRecords, data: VoiceData) -> None:
        """Reads the references of voices from `store`."""
        self._store = store
        self._records = records
        self._data = data
        self._remembered: OrderedDict[str, Remembered] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, voice: Voice, engine: Engine, model: str, version: str) -> Conditioning:
        """Returns a cloned voice as the engine of this model version sees it.

        Raises NotFoundError when the voice was deleted meanwhile, and what `Engine.condition`
        raises.
        """
        key = conditioning_key(voice, model, version)
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            if found := self._remembered.get(key):
                self._remembered.move_to_end(key)
                return found.conditioning
            seen = await self._kept(key, engine) or await self._made(voice, key, engine)
            self._remembered[key] = Remembered(voice.voice_id, voice.data_id, seen)
            if len(self._remembered) > REMEMBERED_COUNT:
                self._remembered.popitem(last=False)
            return seen

    def forget(self, voice_id: str) -> None:
        """Forgets a voice, such as one that was deleted: only who speaks with it now has it."""
        for key, each in tuple(self._remembered.items()):
            if each.voice_id == voice_id:
                del self._remembered[key]

    async def forget_gone(self) -> None:
        """Forgets the voices that were deleted, replaced or withdrawn, whoever did so."""
        for key, each in tuple(self._remembered.items()):
            newest = (await self._records.newest(each.voice_id)).voice
            if newest is None or (newest.data_id, newest.state) != (each.data_id, State.READY):
                self._remembered.pop(key, None)

    async def _kept(self, key: str, engine: Engine) -> Conditioning | None:
        content = await self._data.read(key)
        if content is None:
            return None
        try:
            return engine.conditioning(content)
        except InvalidInputError:  # of an older engine, or damaged: it can be made again
            return None

    async def _made(self, voice: Voice, key: str, engine: Engine) -> Conditioning:
        made = await engine.condition(await self._references(voice))
        await self._data.write(key, made.to_bytes())
        newest = (await self._records.newest(voice.voice_id)).voice
        if newest is None or newest.data_id != voice.data_id:
            await self._data.delete(key)
            message = f"The voice {voice.voice_id!r} was deleted or replaced just now."
            raise NotFoundError(message, reason="VOICE_NOT_FOUND", field="voice_id")
        return made

    async def _references(self, voice: Voice) -> Sequence[ReferenceAudio]:
        found = []
        for reference in voice.references:
            async with self._store.opened(key_of(reference.audio_uri)) as path:
                found.append(await asyncio.to_thread(_read, path))
        return found


def _read(path: Path) -> ReferenceAudio:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return ReferenceAudio(samples[:, 0].copy(), rate)
