"""The voice service behind a real channel, with ears that hear tones as speakers."""

import io
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from services.chassis.bus import Bus
from services.chassis.errors import NotFoundError
from services.inference.voice_servicer import VoiceServicer
from services.inference.voices.clip_intake import Decode
from services.inference.voices.consent_desk import Consent, ConsentDesk
from services.inference.voices.ears import Ears
from services.inference.voices.voice import BuiltInVoice
from services.inference.voices.voices import Surroundings, Voices
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.bus import InMemoryBus
from tests.fakes.serving import serving
from tests.fakes.voices import FakeConsentDesk, FakeEars, FakeSpeaker, decode_in_process
from tests.speech import noise, silence, tone
from ttstrainer.inference.v1 import voice_service_pb2 as pb
from ttstrainer.inference.v1.voice_service_pb2_grpc import (
    VoiceServiceStub,
    add_VoiceServiceServicer_to_server,
)

RATE = 16_000
CONSENT = "20260101t000000000000-00000001"
BUILT_IN = (
    BuiltInVoice("joe", "en", "Joe"),
    BuiltInVoice("duo.bob", "en", "Bob", "duo", "Bob"),
    BuiltInVoice("duo.ann", "en", "Ann", "duo", "Ann"),
)

Samples = NDArray[np.float32]


def talk(*hertz: int, seconds: float = 4.0, gap_seconds: float = 0.6) -> Samples:
    """Returns speakers, a tone each, one after the other with faint noise between them."""
    parts = [silence(gap_seconds)]
    for each in hertz:
        parts += [tone(seconds, hertz=each, peak=0.3), silence(gap_seconds)]
    whole = np.concatenate(parts)
    return whole + noise(len(whole) / RATE, rms=0.0005)[: len(whole)]


def wav(samples: Samples, sample_rate_hertz: int = RATE) -> bytes:
    """Returns samples as a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, samples, sample_rate_hertz, format="WAV", subtype="PCM_16")
    return file.getvalue()


@dataclass(frozen=True)
class VoiceService:
    """The service, and what it keeps, asks and says."""

    stub: VoiceServiceStub
    voices: Voices
    store: InMemoryArtifacts
    bus: InMemoryBus
    desk: FakeConsentDesk
    speaker: FakeSpeaker
    stopped: list[str]
    speaking: set[str]

    async def create(
        self, *clips: bytes, voice_id: str = "ada", uris: Sequence[str] = (), **fields: object
    ) -> pb.Voice:
        """Clones a voice, from 8 s of one speaker unless told otherwise."""
        given = {"consent_id": CONSENT, "language_code": "en", **fields}
        header = pb.CreateVoiceHeader(voice_id=voice_id, reference_uris=uris, **given)  # type: ignore[arg-type]
        sent = clips or (() if uris else (wav(talk(300, 300)),))

        async def messages() -> AsyncIterator[pb.CreateVoiceRequest]:
            yield pb.CreateVoiceRequest(header=header)
            for number, clip in enumerate(sent):
                yield pb.CreateVoiceRequest(clip_name=f"clip {number}")
                for start in range(0, len(clip), 1 << 18):
                    yield pb.CreateVoiceRequest(chunk=clip[start : start + (1 << 18)])

        return (await self.stub.CreateVoice(messages())).voice

    async def get(self, voice_id: str = "ada") -> pb.Voice:
        """Returns a voice."""
        return (await self.stub.GetVoice(pb.GetVoiceRequest(voice_id=voice_id))).voice

    async def delete(self, voice_id: str = "ada") -> int:
        """Removes a voice."""
        request = pb.DeleteVoiceRequest(voice_id=voice_id)
        return (await self.stub.DeleteVoice(request)).removed_object_count

    async def keys(self, voice_id: str = "ada") -> list[str]:
        """Returns the keys of the data of a voice, without those of its records."""
        return [info.key async for info in self.store.list(f"voices/{voice_id}/data/")]


@asynccontextmanager
async def voice_service(
    scratch: Path,
    store: InMemoryArtifacts | None = None,
    *,
    ears: Ears | None = None,
    bus: Bus | None = None,
    desk: ConsentDesk | None = None,
    decode: Decode = decode_in_process,
) -> AsyncIterator[VoiceService]:
    """Serves for as long as the block runs; the clock goes on a second whenever it is asked."""
    kept, own_bus, seconds = store or InMemoryArtifacts(), InMemoryBus(), itertools.count()
    own_desk = FakeConsentDesk({CONSENT: Consent(allows_cloning=True, is_withdrawn=False)})
    speaker, stopped = FakeSpeaker(wav(talk(1000, 1000))), list[str]()
    speaking = set[str]()
    start = datetime.now(UTC)

    def now() -> datetime:
        return start + timedelta(seconds=next(seconds))

    async def built_in_voices() -> Sequence[BuiltInVoice]:
        return BUILT_IN

    async def cloning_model(asked: str) -> str:
        if asked not in {"", "xtts"}:
            message = f"There is no model {asked!r}."
            raise NotFoundError(message, reason="MODEL_NOT_FOUND")
        return "xtts"

    voices = Voices(
        Surroundings(
            store=kept,
            bus=bus or own_bus,
            scratch=scratch,
            desk=desk or own_desk,
            ears=ears or FakeEars(),
            decode=decode,
            now=now,
            built_in_voices=built_in_voices,
            cloning_model=cloning_model,
            speaker=speaker,
            speaking_voice_ids=lambda: frozenset(speaking),
            stop_voice=stopped.append,
        )
    )
    servicer = VoiceServicer(voices)
    async with serving(partial(add_VoiceServiceServicer_to_server, servicer)) as channel:
        stub = VoiceServiceStub(channel)
        yield VoiceService(stub, voices, kept, own_bus, own_desk, speaker, stopped, speaking)
