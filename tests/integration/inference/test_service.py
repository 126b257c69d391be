"""The service as it is composed: the voice joe, a tiny XTTS that clones, and consents asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
import numpy as np
import pytest

from services.chassis.channel import error_of
from services.chassis.errors import ConflictError, InvalidInputError
from services.chassis.messaging.without_nats import AbsentWorkQueue, SilentBus
from services.chassis.service import Resources
from services.chassis.steps import StepResults
from services.chassis.storage.local_artifacts import LocalArtifacts
from services.inference.__main__ import compose
from services.inference.settings import InferenceSettings
from tests.eventually import eventually
from tests.fakes.serving import listening, serving
from tests.inference_service import pcm_of
from tests.models.tiny_xtts import TINY, write_speakers, write_xtts
from tests.voice_service import wav
from ttstrainer.dataset.v1 import consent_service_pb2 as consents
from ttstrainer.dataset.v1.consent_service_pb2_grpc import (
    ConsentServiceServicer,
    add_ConsentServiceServicer_to_server,
)
from ttstrainer.inference.v1 import engine_service_pb2 as engine_pb
from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1 import voice_service_pb2 as voice_pb
from ttstrainer.inference.v1.engine_service_pb2_grpc import EngineServiceStub
from ttstrainer.inference.v1.inference_service_pb2_grpc import InferenceServiceStub
from ttstrainer.inference.v1.voice_service_pb2_grpc import VoiceServiceStub

TEXT = "Please call Stella. Ask her to bring these things with her from the store."
CONSENT_ID = "consent-1"


class Consents(ConsentServiceServicer):
    """Knows one consent."""

    def __init__(self) -> None:
        self.is_withdrawn = False

    async def GetConsent(
        self, request: consents.GetConsentRequest, context: object
    ) -> consents.GetConsentResponse:
        consent = consents.Consent(
            consent_id=CONSENT_ID, purposes=[consents.CONSENT_PURPOSE_CLONING]
        )
        if self.is_withdrawn:
            consent.withdraw_time.GetCurrentTime()
        return consents.GetConsentResponse(consent=consent)


@dataclass
class Service:
    """The service, seen from outside."""

    speech: InferenceServiceStub
    voices: VoiceServiceStub
    engines: EngineServiceStub

    async def speak(self, text: str, **options: object) -> list[pb.SpeechPart]:
        request = pb.StreamSpeechRequest(text=text, options=pb.SpeechOptions(**options))  # type: ignore[arg-type]
        try:
            return [response.part async for response in self.speech.StreamSpeech(request)]
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error

    async def clone(self, voice_id: str, clip: bytes) -> voice_pb.Voice:
        header = voice_pb.CreateVoiceHeader(
            voice_id=voice_id, language_code="en", consent_id=CONSENT_ID, model="tiny"
        )

        async def requests() -> AsyncIterator[voice_pb.CreateVoiceRequest]:
            yield voice_pb.CreateVoiceRequest(header=header)
            yield voice_pb.CreateVoiceRequest(clip_name="clip.wav")
            yield voice_pb.CreateVoiceRequest(chunk=clip)

        return (await self.voices.CreateVoice(requests())).voice


@asynccontextmanager
async def service(folder: Path) -> AsyncIterator[Service]:
    store = LocalArtifacts(folder / "store")
    desk = Consents()  # type: ignore[abstract] # one RPC is all that is asked of it
    async with listening(partial(add_ConsentServiceServicer_to_server, desk)) as dataset:
        settings = InferenceSettings(
            store_url=f"file://{folder}/store",
            models_dir=folder / "models",
            dataset_address=dataset.address,
            device="cpu",
            slots=4,
            preload="",
        )
        scratch = folder / "scratch"
        scratch.mkdir()
        resources = Resources(
            settings, store, StepResults(store), SilentBus(), AbsentWorkQueue(), None, scratch
        )
        async with (
            compose(settings, resources) as edges,
            serving(edges.register, service_names=edges.service_names) as channel,
        ):
            yield Service(
                InferenceServiceStub(channel), VoiceServiceStub(channel), EngineServiceStub(channel)
            )


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as found:
        yield found


async def test_joe_speaks_and_a_voice_cloned_from_him_speaks_with_xtts(tmp_path: Path) -> None:
    await asyncio.to_thread(write_xtts, tmp_path / "models" / "tiny", TINY)
    async with service(tmp_path) as inference:
        parts = await inference.speak(TEXT, seed=1)
        rate = parts[0].format.sample_rate_hertz
        samples = np.frombuffer(pcm_of(parts), "<i2").astype(np.float32) / 32767
        assert 3 < len(samples) / rate < 9
        assert parts[-1].summary.sentence_count == 2

        voice = await inference.clone("stella", wav(np.tile(samples, 2), rate))
        assert voice.model == "tiny"
        alone = pcm_of(await inference.speak(TEXT, voice_id="stella", seed=1, max_audio_seconds=4))
        assert alone
        together = await asyncio.gather(
            *(
                inference.speak(TEXT, voice_id="stella", seed=seed, max_audio_seconds=4)
                for seed in (1, 2, 3, 1, 2, 1)
            )
        )
        assert [pcm_of(parts) == alone for parts in together] == [
            True, False, False, True, False, True,
        ]  # fmt: skip
        models = (await inference.engines.ListModels(engine_pb.ListModelsRequest())).models
        loaded = {m.name: m for m in models if m.state == engine_pb.MODEL_STATE_LOADED}
        assert set(loaded) == {"joe", "tiny"}
        assert loaded["tiny"].slot_count == 4
        assert loaded["tiny"].memory_bytes > 10**6
        freed = await inference.engines.UnloadModel(engine_pb.UnloadModelRequest(name="tiny"))
        assert freed.freed_bytes == loaded["tiny"].memory_bytes


async def test_the_voices_that_a_model_brings_along_speak_without_anybodys_consent(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "models" / "tiny"
    await asyncio.to_thread(write_xtts, folder, TINY)
    write_speakers(folder, "Wulf Carlevaro", "Ana Florence")
    async with service(tmp_path) as inference:
        listed = (await inference.voices.ListVoices(voice_pb.ListVoicesRequest())).voices
        assert [voice.voice_id for voice in listed] == [
            "joe", "tiny.ana-florence", "tiny.wulf-carlevaro",
        ]  # fmt: skip
        ana = voice_pb.GetVoiceRequest(voice_id="tiny.ana-florence")
        voice = (await inference.voices.GetVoice(ana)).voice
        assert voice == voice_pb.Voice(
            voice_id="tiny.ana-florence",
            display_name="Ana Florence",
            language_code="en",
            model="tiny",
            origin=voice_pb.VOICE_ORIGIN_BUILT_IN,
            state=voice_pb.VOICE_STATE_READY,
        )
        spoken = {
            named: await inference.speak("It speaks.", seed=1, max_audio_seconds=1, **wanted)
            for named, wanted in {
                "ana": {"voice_id": voice.voice_id},
                "wulf": {"voice_id": "tiny.wulf-carlevaro", "language_code": "de"},
                "first": {"model": "tiny", "language_code": "de"},
            }.items()
        }
        assert spoken["first"][0].format.voice_id == "tiny.wulf-carlevaro"
        assert pcm_of(spoken["first"]) == pcm_of(spoken["wulf"]) != pcm_of(spoken["ana"])
        request = voice_pb.PreviewVoiceRequest(voice_id=voice.voice_id, text="It speaks.")
        assert (await inference.voices.PreviewVoice(request)).audio.startswith(b"RIFF")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await inference.voices.DeleteVoice(voice_pb.DeleteVoiceRequest(voice_id=voice.voice_id))
        assert error_of(refused.value).reason == "BUILT_IN_VOICE"


async def test_a_corrupt_checkpoint_is_refused_and_joe_speaks_on(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "tiny"
    await asyncio.to_thread(write_xtts, folder, TINY)
    weights = folder / "model.pth"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    async with service(tmp_path) as inference:
        beside = asyncio.create_task(inference.speak(TEXT, seed=1))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await inference.engines.LoadModel(engine_pb.LoadModelRequest(name="tiny"))
        assert isinstance(error_of(refused.value), InvalidInputError)
        assert error_of(refused.value).reason == "CORRUPT_CHECKPOINT"
        assert pcm_of(await beside) == pcm_of(await inference.speak(TEXT, seed=1))


async def test_a_licence_is_asked_for_and_never_assumed(running: Service) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await running.engines.LoadModel(engine_pb.LoadModelRequest(name="xtts_v2"))
    assert isinstance(error_of(refused.value), ConflictError)
    assert error_of(refused.value).reason == "LICENCE_NOT_ACCEPTED"
    with pytest.raises(grpc.aio.AioRpcError) as absent:
        await running.engines.LoadModel(
            engine_pb.LoadModelRequest(name="xtts_v2", accept_licence=True)
        )
    assert error_of(absent.value).reason == "MODEL_NOT_INSTALLED"


async def test_a_client_that_leaves_gives_the_model_back(running: Service) -> None:
    call = running.speech.StreamSpeech(pb.StreamSpeechRequest(text=TEXT * 50))
    await call.read()
    call.cancel()

    async def is_idle() -> bool:
        response = await running.engines.ListModels(engine_pb.ListModelsRequest())
        return all(model.active_stream_count == 0 for model in response.models)

    await eventually(is_idle)
