"""VoiceService as a client sees it: records in memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc

from services.chassis.errors import ConflictError, NotFoundError, ServiceError
from ttstrainer.inference.v1 import voice_service_pb2 as voice_pb
from ttstrainer.inference.v1 import voice_service_pb2_grpc as voice_rpc

Context = grpc.aio.ServicerContext[Any, Any]


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
