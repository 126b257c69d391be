"""VoiceService over gRPC: translation only."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc

from services.chassis.errors import InvalidInputError
from services.chassis.pages import from_token, page_size, to_token
from services.inference.voices.clip_intake import Upload
from services.inference.voices.cloning import Order
from services.inference.voices.comparing import (
    DIFFERENT_BELOW,
    SAME_FROM,
    Sample,
    Verdict,
    verdict_on,
)
from services.inference.voices.voices import Voices
from services.inference.voices.wire import voice_message, wanted_voice
from ttstrainer.inference.v1 import voice_service_pb2 as pb
from ttstrainer.inference.v1.voice_service_pb2_grpc import VoiceServiceServicer

VOICE_PAGE = 100
VERDICTS = {
    Verdict.SAME: pb.LIKENESS_VERDICT_SAME,
    Verdict.UNSURE: pb.LIKENESS_VERDICT_UNSURE,
    Verdict.DIFFERENT: pb.LIKENESS_VERDICT_DIFFERENT,
}

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class VoiceServicer(VoiceServiceServicer):
    """Answers the RPCs with the use cases."""

    voices: Voices

    async def CreateVoice(
        self, request_iterator: AsyncIterator[pb.CreateVoiceRequest], context: Context
    ) -> pb.CreateVoiceResponse:
        """See the contract."""
        first = await anext(request_iterator, None)
        if first is None or first.WhichOneof("payload") != "header":
            message = "The first message of a new voice must be its header."
            raise InvalidInputError(message, reason="HEADER_MISSING", field="header")
        voice = await self.voices.cloning.create(_order(first.header), _uploads(request_iterator))
        return pb.CreateVoiceResponse(voice=voice_message(voice))

    async def GetVoice(self, request: pb.GetVoiceRequest, context: Context) -> pb.GetVoiceResponse:
        """See the contract."""
        return pb.GetVoiceResponse(
            voice=voice_message(await self.voices.book.get(request.voice_id))
        )

    async def ListVoices(
        self, request: pb.ListVoicesRequest, context: Context
    ) -> pb.ListVoicesResponse:
        """See the contract."""
        size = page_size(request.page_size, VOICE_PAGE)
        found = await self.voices.book.page(size + 1, from_token(request.page_token))
        token = to_token(found[size - 1].voice_id) if len(found) > size else ""
        voices = [voice_message(voice) for voice in found[:size]]
        return pb.ListVoicesResponse(voices=voices, next_page_token=token)

    async def UpdateVoice(
        self, request: pb.UpdateVoiceRequest, context: Context
    ) -> pb.UpdateVoiceResponse:
        """See the contract."""
        voice = await self.voices.changing.update(
            wanted_voice(request.voice), request.update_mask.paths
        )
        return pb.UpdateVoiceResponse(voice=voice_message(voice))

    async def DeleteVoice(
        self, request: pb.DeleteVoiceRequest, context: Context
    ) -> pb.DeleteVoiceResponse:
        """See the contract."""
        return pb.DeleteVoiceResponse(
            removed_object_count=await self.voices.book.delete(request.voice_id)
        )

    async def CompareVoices(
        self, request: pb.CompareVoicesRequest, context: Context
    ) -> pb.CompareVoicesResponse:
        """See the contract."""
        similarity = await self.voices.comparing.similarity(
            _sample(request.first), _sample(request.second)
        )
        return pb.CompareVoicesResponse(
            similarity=similarity,
            verdict=VERDICTS[verdict_on(similarity)],
            same_from=SAME_FROM,
            different_below=DIFFERENT_BELOW,
        )

    async def PreviewVoice(
        self, request: pb.PreviewVoiceRequest, context: Context
    ) -> pb.PreviewVoiceResponse:
        """See the contract."""
        audio = await self.voices.previewing.preview(request.voice_id, request.text)
        return pb.PreviewVoiceResponse(audio=audio)


async def _uploads(requests: AsyncIterator[pb.CreateVoiceRequest]) -> AsyncIterator[Upload]:
    async for request in requests:
        match request.WhichOneof("payload"):
            case "clip_name":
                yield Upload(name=request.clip_name or "clip")
            case "chunk":
                yield Upload(chunk=request.chunk)
            case _:
                message = "After the header come clips only: their names and bytes."
                raise InvalidInputError(message, reason="CHUNK_EXPECTED", field="chunk")


def _order(header: pb.CreateVoiceHeader) -> Order:
    return Order(
        voice_id=header.voice_id,
        language_code=header.language_code,
        consent_id=header.consent_id,
        display_name=header.display_name,
        model=header.model,
        reference_uris=tuple(header.reference_uris),
        replace=header.replace,
    )


def _sample(message: pb.VoiceSample) -> Sample:
    return Sample(message.voice_id, message.audio_uri, message.audio)
