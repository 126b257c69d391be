"""Inference and consents as a client sees them: audio of counted samples, records in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from gateway.services import DATASET, INFERENCE
from services.chassis.errors import ConflictError, NotFoundError, OverloadedError, ServiceError
from tests.fakes.serving import listening
from ttstrainer.dataset.v1 import consent_service_pb2 as consent_pb
from ttstrainer.dataset.v1 import consent_service_pb2_grpc as consent_rpc
from ttstrainer.inference.v1 import engine_service_pb2 as engine_pb
from ttstrainer.inference.v1 import engine_service_pb2_grpc as engine_rpc
from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1 import inference_service_pb2_grpc as rpc
from ttstrainer.inference.v1 import voice_service_pb2 as voice_pb
from ttstrainer.inference.v1 import voice_service_pb2_grpc as voice_rpc

Context = grpc.aio.ServicerContext[Any, Any]
RATE_HERTZ = 16_000
CHUNK = b"\x01\x00" * 1600
WORDS = "I agree that synthetic speech is made with my voice."


@dataclass
class FakeInference(rpc.InferenceServiceServicer):
    """Speaks a chunk for each word; refuses `refusals` first."""

    refusals: list[ServiceError] = field(default_factory=list)
    breaks_after: int = -1
    """The chunk after which a stream breaks once."""
    texts: list[str] = field(default_factory=list)
    options: pb.SpeechOptions = field(default_factory=pb.SpeechOptions)
    pause_seconds: float = 0.0
    cancelled_count: int = 0

    async def StreamSpeech(
        self, request: pb.StreamSpeechRequest, context: Context
    ) -> AsyncIterator[pb.StreamSpeechResponse]:
        """See the contract."""
        async for part in self._spoken(request.text, request.options):
            yield pb.StreamSpeechResponse(part=part)

    async def StreamSpeechFromText(
        self, request_iterator: AsyncIterator[pb.StreamSpeechFromTextRequest], context: Context
    ) -> AsyncIterator[pb.StreamSpeechFromTextResponse]:
        """See the contract."""
        first = await anext(request_iterator)
        text = "".join([request.text async for request in request_iterator])
        async for part in self._spoken(text, first.options):
            yield pb.StreamSpeechFromTextResponse(part=part)

    async def SynthesizeSpeech(
        self, request: pb.SynthesizeSpeechRequest, context: Context
    ) -> pb.SynthesizeSpeechResponse:
        """See the contract."""
        self.options = request.options
        parts = [part async for part in self._spoken(request.text, request.options)]
        answer = pb.SynthesizeSpeechResponse(
            media_type="audio/flac", summary=parts[-1].summary, format=parts[0].format
        )
        if request.store:
            answer.audio_uri = "artifact://blobs/" + "0" * 64
        else:
            answer.audio = b"fLaC"
        return answer

    async def _spoken(self, text: str, options: pb.SpeechOptions) -> AsyncIterator[pb.SpeechPart]:
        if self.refusals:
            raise self.refusals.pop(0)
        self.texts.append(text)
        self.options = options
        yield pb.SpeechPart(
            format=pb.AudioFormat(
                sample_rate_hertz=RATE_HERTZ,
                channel_count=1,
                synthetic=True,
                voice_id=options.voice_id or "joe",
                model="joe",
            )
        )
        yield pb.SpeechPart(sentence=pb.SentenceMark(text_length=len(text)))
        count = len(text.split())
        try:
            for number in range(count):
                await asyncio.sleep(self.pause_seconds)
                if number == self.breaks_after:
                    message = "The model ran out of memory: try again."
                    raise OverloadedError(message, reason="OUT_OF_MEMORY")
                chunk = pb.AudioChunk(sequence_number=number, pcm=CHUNK)
                yield pb.SpeechPart(chunk=chunk)
        except asyncio.CancelledError:
            self.cancelled_count += 1
            raise
        summary = pb.SpeechSummary(
            audio_seconds=count / 10,
            time_to_first_audio_seconds=0.1,
            real_time_factor=0.2,
            finish_reason=pb.FINISH_REASON_COMPLETE,
            seed=options.seed or 7,
            sentence_count=1,
        )
        yield pb.SpeechPart(summary=summary)


@dataclass
class FakeVoices(voice_rpc.VoiceServiceServicer):
    """Keeps voices, and what they were cloned from; refuses `refusals` first."""

    voices: dict[str, voice_pb.Voice] = field(default_factory=dict)
    clips: dict[str, bytes] = field(default_factory=dict)
    refusals: list[ServiceError] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a voice is being made, which takes `pause_seconds`."""
    pause_seconds: float = 0.0

    async def CreateVoice(
        self, request_iterator: AsyncIterator[voice_pb.CreateVoiceRequest], context: Context
    ) -> voice_pb.CreateVoiceResponse:
        """See the contract."""
        header = (await anext(request_iterator)).header
        if not header.consent_id:
            message = "A voice needs a consent: grant one."
            raise ConflictError(message, reason="NO_CONSENT")
        self.asked.set()
        await asyncio.sleep(self.pause_seconds)
        if self.refusals:
            raise self.refusals.pop(0)
        name = ""
        async for request in request_iterator:
            name = request.clip_name or name
            self.clips[name] = self.clips.get(name, b"") + request.chunk
        voice = voice_pb.Voice(
            voice_id=header.voice_id,
            language_code=header.language_code,
            origin=voice_pb.VOICE_ORIGIN_CLONED,
            state=voice_pb.VOICE_STATE_READY,
            consent_id=header.consent_id,
            references=[voice_pb.ReferenceClip(display_name=each) for each in self.clips],
        )
        self.voices[voice.voice_id] = voice
        return voice_pb.CreateVoiceResponse(voice=voice)

    async def GetVoice(
        self, request: voice_pb.GetVoiceRequest, context: Context
    ) -> voice_pb.GetVoiceResponse:
        """See the contract."""
        return voice_pb.GetVoiceResponse(voice=self._known(request.voice_id))

    async def ListVoices(
        self, request: voice_pb.ListVoicesRequest, context: Context
    ) -> voice_pb.ListVoicesResponse:
        """See the contract; one voice a page."""
        names = sorted(name for name in self.voices if name > request.page_token)
        return voice_pb.ListVoicesResponse(
            voices=[self.voices[name] for name in names[:1]],
            next_page_token=names[0] if len(names) > 1 else "",
        )

    async def UpdateVoice(
        self, request: voice_pb.UpdateVoiceRequest, context: Context
    ) -> voice_pb.UpdateVoiceResponse:
        """See the contract."""
        voice = self._known(request.voice.voice_id)
        request.update_mask.MergeMessage(request.voice, voice)
        return voice_pb.UpdateVoiceResponse(voice=voice)

    async def DeleteVoice(
        self, request: voice_pb.DeleteVoiceRequest, context: Context
    ) -> voice_pb.DeleteVoiceResponse:
        """See the contract."""
        del self.voices[self._known(request.voice_id).voice_id]
        return voice_pb.DeleteVoiceResponse(removed_object_count=3)

    async def CompareVoices(
        self, request: voice_pb.CompareVoicesRequest, context: Context
    ) -> voice_pb.CompareVoicesResponse:
        """See the contract; two samples are alike when they are the same."""
        alike = request.first == request.second
        return voice_pb.CompareVoicesResponse(
            similarity=1.0 if alike else 0.1,
            verdict=voice_pb.LIKENESS_VERDICT_SAME
            if alike
            else voice_pb.LIKENESS_VERDICT_DIFFERENT,
        )

    async def PreviewVoice(
        self, request: voice_pb.PreviewVoiceRequest, context: Context
    ) -> voice_pb.PreviewVoiceResponse:
        """See the contract."""
        return voice_pb.PreviewVoiceResponse(audio=b"RIFF")

    def _known(self, voice_id: str) -> voice_pb.Voice:
        if voice_id not in self.voices:
            message = f"There is no voice {voice_id}: `tts-trainer voices list` shows them."
            raise NotFoundError(message)
        return self.voices[voice_id]


@dataclass
class FakeEngines(engine_rpc.EngineServiceServicer):
    """One model, whose licence must be accepted."""

    loaded: bool = False

    async def ListModels(
        self, request: engine_pb.ListModelsRequest, context: Context
    ) -> engine_pb.ListModelsResponse:
        """See the contract."""
        return engine_pb.ListModelsResponse(models=[self._model()], memory_budget_bytes=1 << 30)

    async def LoadModel(
        self, request: engine_pb.LoadModelRequest, context: Context
    ) -> engine_pb.LoadModelResponse:
        """See the contract."""
        if not request.accept_licence:
            message = "The licence https://example.org was not accepted: accept it."
            raise ConflictError(message, reason="LICENCE_NOT_ACCEPTED")
        self.loaded = True
        return engine_pb.LoadModelResponse(model=self._model())

    async def UnloadModel(
        self, request: engine_pb.UnloadModelRequest, context: Context
    ) -> engine_pb.UnloadModelResponse:
        """See the contract."""
        self.loaded = False
        return engine_pb.UnloadModelResponse(freed_bytes=5 << 20)

    def _model(self) -> engine_pb.Model:
        loaded, available = engine_pb.MODEL_STATE_LOADED, engine_pb.MODEL_STATE_AVAILABLE
        return engine_pb.Model(
            name="xtts_v2",
            kind=engine_pb.ENGINE_KIND_XTTS,
            state=loaded if self.loaded else available,
            language_codes=["en", "es", "fr", "de", "it"],
            slot_count=4 if self.loaded else 0,
            licence_uri="https://example.org",
        )


@dataclass
class FakeConsents(consent_rpc.ConsentServiceServicer):
    """Keeps consents; voices that rest on a withdrawn one fall silent at the second look."""

    voices: FakeVoices
    consents: dict[str, consent_pb.Consent] = field(default_factory=dict)
    requests: list[consent_pb.GrantConsentRequest] = field(default_factory=list)
    refusals: list[ServiceError] = field(default_factory=list)
    """What to answer to withdrawals first."""

    async def GrantConsent(
        self, request: consent_pb.GrantConsentRequest, context: Context
    ) -> consent_pb.GrantConsentResponse:
        """See the contract."""
        self.requests.append(request)
        consent = consent_pb.Consent(
            consent_id=f"consent-{len(self.requests)}",
            speaker_name=request.speaker_name,
            purposes=request.purposes,
            recorded_by=request.recorded_by,
            dataset_ids=request.dataset_ids,
            evidence=consent_pb.ConsentEvidence(statement=request.text_statement or WORDS),
        )
        self.consents[consent.consent_id] = consent
        return consent_pb.GrantConsentResponse(consent=consent)

    async def GetConsent(
        self, request: consent_pb.GetConsentRequest, context: Context
    ) -> consent_pb.GetConsentResponse:
        """See the contract."""
        return consent_pb.GetConsentResponse(consent=self._known(request.consent_id))

    async def ListConsents(
        self, request: consent_pb.ListConsentsRequest, context: Context
    ) -> consent_pb.ListConsentsResponse:
        """See the contract."""
        return consent_pb.ListConsentsResponse(consents=self.consents.values())

    async def WithdrawConsent(
        self, request: consent_pb.WithdrawConsentRequest, context: Context
    ) -> consent_pb.WithdrawConsentResponse:
        """See the contract; its voices hear of it a moment later."""
        if self.refusals:
            raise self.refusals.pop(0)
        consent = self._known(request.consent_id)
        consent.withdraw_reason = request.reason
        consent.withdraw_time.GetCurrentTime()

        def hear() -> None:
            for voice in self.voices.voices.values():
                if voice.consent_id == consent.consent_id:
                    voice.state = voice_pb.VOICE_STATE_WITHDRAWN

        asyncio.get_running_loop().call_later(0.05, hear)
        return consent_pb.WithdrawConsentResponse(consent=consent)

    async def GetStatement(
        self, request: consent_pb.GetStatementRequest, context: Context
    ) -> consent_pb.GetStatementResponse:
        """See the contract."""
        return consent_pb.GetStatementResponse(statement=WORDS)

    def _known(self, consent_id: str) -> consent_pb.Consent:
        if consent_id not in self.consents:
            message = f"There is no consent {consent_id}: `tts-trainer consents list` shows them."
            raise NotFoundError(message)
        return self.consents[consent_id]


@dataclass
class SpeakingServices:
    """All of them at one address."""

    inference: FakeInference = field(default_factory=FakeInference)
    voices: FakeVoices = field(default_factory=FakeVoices)
    engines: FakeEngines = field(default_factory=FakeEngines)
    consents: FakeConsents = field(init=False)

    def __post_init__(self) -> None:
        """Lets voices hear of withdrawn consents."""
        self.consents = FakeConsents(self.voices)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Gives the address where they answer."""
        names = (INFERENCE.rpc_name, DATASET.rpc_name)
        async with listening(self._register, service_names=names) as server:
            yield server.address

    def _register(self, server: grpc.aio.Server) -> None:
        rpc.add_InferenceServiceServicer_to_server(self.inference, server)
        voice_rpc.add_VoiceServiceServicer_to_server(self.voices, server)
        engine_rpc.add_EngineServiceServicer_to_server(self.engines, server)
        consent_rpc.add_ConsentServiceServicer_to_server(self.consents, server)
