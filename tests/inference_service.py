"""The inference service behind a real channel, with models that hum and voices that are known."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from services.chassis.channel import error_of
from services.chassis.errors import ConflictError, NotFoundError
from services.inference.catalogue.description import ModelDescription
from services.inference.engine_servicer import EngineServicer
from services.inference.engines.engine import Conditioning, Engine
from services.inference.inference_servicer import InferenceServicer
from services.inference.pool.admission import Patience
from services.inference.pool.engine_pool import EnginePool
from services.inference.speaking.filing import Filing
from services.inference.speaking.pace import Pace
from services.inference.speaking.speaking import Speaking
from services.inference.speaking.stage import Stage
from services.inference.voices.voice import BuiltInVoice, Origin, State, Voice
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.fake_engine import FakeConditioning, FakeEngine
from tests.fakes.fake_models import FakeModels, described
from tests.fakes.serving import serving
from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1.engine_service_pb2_grpc import (
    EngineServiceStub,
    add_EngineServiceServicer_to_server,
)
from ttstrainer.inference.v1.inference_service_pb2_grpc import (
    InferenceServiceStub,
    add_InferenceServiceServicer_to_server,
)


class FakeVoices:
    """The voices that a test needs."""

    def __init__(self, *voices: Voice) -> None:
        self.by_id = {voice.voice_id: voice for voice in voices}

    async def speakable(self, voice_id: str) -> Voice:
        voice = self.by_id.get(voice_id)
        if voice is None:
            message = f"There is no voice {voice_id!r}."
            raise NotFoundError(message, reason="VOICE_NOT_FOUND", field="options.voice_id")
        if voice.state is State.WITHDRAWN:
            raise ConflictError("It may not speak.", reason="VOICE_WITHDRAWN")
        return voice

    async def first_of(self, model: str) -> str:
        own = (each for each in self.by_id.values() if each.is_built_in and each.model == model)
        return next((each.voice_id for each in own), model)

    async def conditioning(
        self, voice: Voice, engine: Engine, model: str, version: str
    ) -> Conditioning:
        return FakeConditioning(voice.voice_id.encode())


@dataclass
class Inference:
    """The service, seen from both sides."""

    stub: InferenceServiceStub
    engines: EngineServiceStub
    channel: grpc.aio.Channel
    models: FakeModels
    pool: EnginePool
    stage: Stage
    voices: FakeVoices
    store: InMemoryArtifacts

    @property
    def engine(self) -> FakeEngine:
        """The engine that was loaded first."""
        return self.models.engines[0]

    @property
    def is_at_rest(self) -> bool:
        """Whether nobody holds or waits for anything."""
        return all(
            model.is_idle
            and not model.admission.active_count
            and not model.admission.spare_turn_count
            and not model.admission.waiting_count
            and not getattr(model.engine, "open_streams", None)
            for model in self.pool.loaded
        )

    async def speak(self, text: str, **options: object) -> list[pb.SpeechPart]:
        """Returns all parts, or raises what the service raised."""
        request = pb.StreamSpeechRequest(text=text, options=speech_options(options))
        try:
            return [response.part async for response in self.stub.StreamSpeech(request)]
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error

    async def speak_pieces(
        self, pieces: Iterable[str | None], **options: object
    ) -> list[pb.SpeechPart]:
        """Speaks from pieces of text; None is a flush."""

        def requests() -> Iterator[pb.StreamSpeechFromTextRequest]:
            yield pb.StreamSpeechFromTextRequest(options=speech_options(options))
            for piece in pieces:
                if piece is None:
                    yield pb.StreamSpeechFromTextRequest(flush=pb.Flush())
                else:
                    yield pb.StreamSpeechFromTextRequest(text=piece)

        try:
            call = self.stub.StreamSpeechFromText(requests())
            return [response.part async for response in call]
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error

    async def synthesize(self, text: str, **fields: object) -> pb.SynthesizeSpeechResponse:
        """Returns the file, or raises what the service raised."""
        try:
            return await self.stub.SynthesizeSpeech(
                pb.SynthesizeSpeechRequest(text=text, **fields)  # type: ignore[arg-type]
            )
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error


def speech_options(fields: Mapping[str, object]) -> pb.SpeechOptions:
    """Returns options of these fields."""
    return pb.SpeechOptions(**fields)  # type: ignore[arg-type]


def pcm_of(parts: Iterable[pb.SpeechPart]) -> bytes:
    """Returns the audio of a stream."""
    return b"".join(part.chunk.pcm for part in parts)


@asynccontextmanager
async def inference_service(
    folder: Path,
    *,
    engine: FakeEngine | None = None,
    patience: Patience | None = None,
    pace: Pace | None = None,
    stalled_client_seconds: float = 60.0,
    silent_client_seconds: float = 60.0,
    max_text_characters: int = 50_000,
    max_reply_bytes: int = 8 << 20,
    settings: Mapping[str, object] | None = None,
) -> AsyncIterator[Inference]:
    """Serves the built-in voice `joe`, and the cloned ones `ann` and `bob` of the model `xtts`."""
    cloning = described("xtts", can_clone=True)
    given = engine

    def make(description: ModelDescription) -> FakeEngine:
        return given or FakeEngine(can_clone=description.can_clone)

    models = FakeModels(described("joe"), cloning, make=make)
    pool = EnginePool(models, budget_bytes=1000, patience=patience or Patience())
    voices = FakeVoices(
        BuiltInVoice("joe", "en").as_voice(),
        Voice("ann", "Ann", "en", "xtts", Origin.CLONED),
        Voice("bob", "Bob", "en", "xtts", Origin.CLONED),
        Voice("eve", "Eve", "en", "xtts", Origin.CLONED, State.WITHDRAWN),
    )
    stage = Stage()
    store = InMemoryArtifacts()
    speaking = Speaking(pool, voices, stage, pace or Pace(), default_voice="joe")
    servicer = InferenceServicer(
        speaking,
        Filing(speaking, store, folder, max_reply_bytes=max_reply_bytes),
        max_text_characters=max_text_characters,
        stalled_client_seconds=stalled_client_seconds,
        silent_client_seconds=silent_client_seconds,
    )

    def register(server: grpc.aio.Server) -> None:
        add_InferenceServiceServicer_to_server(servicer, server)
        add_EngineServiceServicer_to_server(EngineServicer(models, pool), server)

    async with serving(register, settings=settings, reads_in_pace=True) as channel:
        yield Inference(
            InferenceServiceStub(channel),
            EngineServiceStub(channel),
            channel,
            models,
            pool,
            stage,
            voices,
            store,
        )
    await pool.aclose()
