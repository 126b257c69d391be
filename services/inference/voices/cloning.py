"""The use case CreateVoice: from clips and a consent to a voice."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import soundfile

from services.chassis.errors import AlreadyExistsError, ConflictError, InvalidInputError
from services.inference.voices.changing import CloningModel
from services.inference.voices.clip import STORED_HERTZ, Clip
from services.inference.voices.clip_intake import ClipIntake, Upload, about_clip
from services.inference.voices.consent_desk import ConsentDesk, require_consent
from services.inference.voices.grading import (
    MAX_CLIP_SECONDS,
    prepared,
    refusal_of,
    warnings_of,
)
from services.inference.voices.voice import Origin, Reference, Voice
from services.inference.voices.voice_book import VoiceBook
from services.inference.voices.voice_fields import (
    MAX_NAME_CHARACTERS,
    check_display_name,
    check_language,
    check_voice_id,
)
from services.inference.voices.voice_records import Record
from services.inference.voices.wire import voice_message
from services.inference.voices.withdrawing import Withdrawing
from ttstrainer.inference.v1 import inference_events_pb2 as events

MAX_CLIP_COUNT = 10

NamedClips = Sequence[tuple[str, Clip]]


@dataclass(frozen=True, slots=True)
class Order:
    """What voice is wanted."""

    voice_id: str
    language_code: str
    consent_id: str
    display_name: str = ""
    model: str = ""
    reference_uris: tuple[str, ...] = ()
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Cloning:
    """Clones voices."""

    book: VoiceBook
    intake: ClipIntake
    desk: ConsentDesk
    withdrawing: Withdrawing
    cloning_model: CloningModel
    scratch: Path

    async def create(self, order: Order, uploads: AsyncIterator[Upload]) -> Voice:
        """Returns the new voice; of many calls for one name one succeeds.

        What can be refused without the clips is refused before they are read. Raises
        InvalidInputError, ConflictError and AlreadyExistsError as the contract says.
        """
        order = await self._checked(order)
        clips = await self._clips(order.reference_uris, uploads)
        await asyncio.to_thread(self._grade, clips)
        data_id = token_hex(8)
        try:
            voice = await self._recorded(order, data_id, clips)
        finally:
            await self._tidied(order.voice_id, data_id)
        await self._refuse_if_withdrawn_meanwhile(order)
        await self.book.bus.publish(
            events.VoiceCreated(voice=voice_message(voice)), message_id=f"{data_id}/created"
        )
        return voice

    async def _checked(self, order: Order) -> Order:
        """Returns the order with the model that is to speak with the voice."""
        check_voice_id(order.voice_id, field="header.voice_id")
        check_language(order.language_code, field="header.language_code")
        check_display_name(order.display_name, field="header.display_name")
        if await self.book.built_in(order.voice_id):
            message = f"{order.voice_id!r} is a model's own voice: choose another name."
            raise AlreadyExistsError(message, reason="VOICE_EXISTS", field="header.voice_id")
        if not order.replace:
            _refuse_existing(order.voice_id, await self.book.records.newest(order.voice_id))
        await require_consent(self.desk, order.consent_id)
        model = await self.cloning_model(order.model)
        return replace(order, model=model)

    async def _clips(self, uris: Sequence[str], uploads: AsyncIterator[Upload]) -> NamedClips:
        clips: list[tuple[str, Clip]] = []

        def add(name: str, clip: Clip) -> None:
            clips.append((name, clip))
            if sum(each.duration_seconds for _, each in clips) > MAX_CLIP_SECONDS:
                message = (
                    f"There are more than {MAX_CLIP_SECONDS / 60:g} minutes of clips: cut out 6 "
                    "to 30 s of clean speech."
                )
                raise about_clip(name, message, "TOO_LONG")
            if len(clips) > MAX_CLIP_COUNT:
                raise _clip_count()

        for uri in uris:
            add(uri.rsplit("/", 1)[-1], await self.intake.of_uri(uri, "header.reference_uris"))
        async for name, clip in self.intake.uploaded(uploads):
            add(name, clip)
        if not clips:
            raise _clip_count()
        return clips

    def _grade(self, clips: NamedClips) -> None:
        embedder = self.intake.ears.embedder()
        refusal = refusal_of([clip for _, clip in clips], embedder)
        if refusal:
            raise about_clip(clips[refusal.clip_index][0], refusal.message, refusal.reason)

    async def _recorded(self, order: Order, data_id: str, clips: NamedClips) -> Voice:
        references = await self._stored(order.voice_id, data_id, clips)
        now = self.book.now()

        def cloned(record: Record) -> Voice:
            if not order.replace:
                _refuse_existing(order.voice_id, record)
            return Voice(
                voice_id=order.voice_id,
                display_name=order.display_name or order.voice_id,
                language_code=order.language_code,
                model=order.model,
                origin=Origin.CLONED,
                consent_id=order.consent_id,
                references=references,
                create_time=now,
                update_time=now,
                data_id=data_id,
            )

        before, voice = await self.book.records.put(order.voice_id, cloned)
        if before.voice:
            await self.book.data.remove(order.voice_id, before.voice.data_id)
        return voice

    async def _tidied(self, voice_id: str, data_id: str) -> None:
        """Removes what was stored for a voice that came to nothing."""
        newest = (await self.book.records.newest(voice_id)).voice
        if newest is None or newest.data_id != data_id:
            await self.book.data.remove(voice_id, data_id)

    async def _refuse_if_withdrawn_meanwhile(self, order: Order) -> None:
        """Whoever withdrew the consent while we worked did not find this voice."""
        try:
            await require_consent(self.desk, order.consent_id)
        except ConflictError:
            await self.withdrawing.withdraw(order.consent_id)
            raise

    async def _stored(
        self, voice_id: str, data_id: str, clips: NamedClips
    ) -> tuple[Reference, ...]:
        total = sum(clip.speech_seconds for _, clip in clips)
        found = []
        with TemporaryDirectory(prefix="references-", dir=self.scratch) as folder:
            for number, (name, clip) in enumerate(clips):
                path = Path(folder, f"{number}.flac")
                seconds = await asyncio.to_thread(_write, path, clip)
                uri = await self.book.data.add_reference(voice_id, data_id, number, path)
                found.append(_reference(name, uri, seconds, clip, total))
        return tuple(found)


def _write(path: Path, clip: Clip) -> float:
    samples = prepared(clip)
    soundfile.write(path, samples, STORED_HERTZ, format="FLAC", subtype="PCM_16")
    return len(samples) / STORED_HERTZ


def _reference(name: str, uri: str, seconds: float, clip: Clip, total: float) -> Reference:
    return Reference(
        display_name=name[:MAX_NAME_CHARACTERS],
        audio_uri=uri,
        duration_seconds=seconds,
        speech_seconds=clip.speech_seconds,
        snr_decibels=clip.snr_decibels(),
        loudness_lufs=clip.loudness_lufs,
        clipped_ratio=clip.clipped_ratio,
        warnings=warnings_of(clip, total),
    )


def _refuse_existing(voice_id: str, record: Record) -> None:
    if record.voice:
        message = (
            f"There is a voice {voice_id!r} already: choose another name, or ask for it to be "
            "replaced."
        )
        raise AlreadyExistsError(message, reason="VOICE_EXISTS", field="header.voice_id")


def _clip_count() -> InvalidInputError:
    message = f"A voice is cloned from 1 to {MAX_CLIP_COUNT} clips."
    return InvalidInputError(message, reason="CLIP_COUNT", field="clip_name")
