"""The room of voices, assembled: what speaking needs of it, and what VoiceService answers with."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.chassis.artifacts import ArtifactStore
from services.chassis.beside import running_beside
from services.chassis.bus import Bus, Subscriber
from services.inference.engines.engine import Conditioning, Engine
from services.inference.voices.changing import Changing, CloningModel
from services.inference.voices.clip_intake import ClipIntake, Decode
from services.inference.voices.cloning import Cloning
from services.inference.voices.comparing import Comparing
from services.inference.voices.conditionings import Conditionings
from services.inference.voices.consent_desk import ConsentDesk
from services.inference.voices.ears import Ears
from services.inference.voices.previewing import Previewing, Speaker
from services.inference.voices.voice import Voice
from services.inference.voices.voice_book import BuiltInVoices, StopVoice, VoiceBook
from services.inference.voices.voice_data import VoiceData
from services.inference.voices.voice_records import VoiceRecords
from services.inference.voices.withdrawing import Withdrawing

SPEAKING_SECONDS = 2.0
CONSENTS_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the voices need of the rest of the service."""

    store: ArtifactStore
    bus: Bus
    scratch: Path
    desk: ConsentDesk
    ears: Ears
    """InstalledEars outside of tests."""
    decode: Decode
    """decode_mono outside of tests."""
    now: Callable[[], datetime]
    built_in_voices: BuiltInVoices
    cloning_model: CloningModel
    speaker: Speaker
    speaking_voice_ids: Callable[[], Collection[str]]
    stop_voice: StopVoice


class Voices:
    """All that has to do with voices."""

    def __init__(self, around: Surroundings) -> None:
        """Assembles it."""
        records, data = VoiceRecords(around.store), VoiceData(around.store)
        self._conditionings = Conditionings(around.store, records, data)

        def silence(voice_id: str) -> None:
            self._conditionings.forget(voice_id)
            around.stop_voice(voice_id)

        intake = ClipIntake(around.store, around.ears, around.decode, around.scratch)
        self.book = VoiceBook(
            records, data, around.built_in_voices, around.bus, silence, around.now
        )
        self.withdrawing = Withdrawing(
            self.book, around.desk, around.bus, self._conditionings, around.speaking_voice_ids
        )
        self.cloning = Cloning(
            self.book, intake, around.desk, self.withdrawing, around.cloning_model, around.scratch
        )
        self.changing = Changing(self.book, around.cloning_model)
        self.comparing = Comparing(self.book, intake, around.speaker)
        self.previewing = Previewing(self.book, around.speaker)

    async def speakable(self, voice_id: str) -> Voice:
        """Returns a voice that may speak now. Raises NotFoundError and ConflictError."""
        return await self.book.speakable(voice_id)

    async def first_of(self, model: str) -> str:
        """Returns the id of the first voice that a model brings along; its name if it has none."""
        return await self.book.first_of(model)

    async def conditioning(
        self, voice: Voice, engine: Engine, model: str, version: str
    ) -> Conditioning:
        """Returns a cloned voice as the engine of this model and version sees it."""
        return await self._conditionings.of(voice, engine, model, version)

    @asynccontextmanager
    async def looked_after(
        self,
        subscriber: Subscriber | None,
        *,
        speaking_seconds: float = SPEAKING_SECONDS,
        consents_seconds: float = CONSENTS_SECONDS,
    ) -> AsyncIterator[None]:
        """Silences voices whose consents are withdrawn, for as long as the block lasts.

        `subscriber` is None where there is no NATS.
        """
        watch = self.withdrawing.watch(speaking_seconds, consents_seconds)
        async with running_beside(watch):
            if subscriber is None:
                yield
                return
            async with self.withdrawing.hearing(subscriber):
                yield
