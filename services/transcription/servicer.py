"""The RPCs of TranscriptionService: translation only."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import read_message
from services.chassis.errors import ConflictError
from services.transcription.recognisers import Recognisers
from services.transcription.transcribing import Transcriber
from services.transcription.verifying import Verifier
from services.transcription.wire import recogniser_info
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb
from ttstrainer.transcription.v1 import transcription_service_pb2_grpc as rpc

R = TypeVar("R")
T = TypeVar("T")
Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class TranscriptionServicer(rpc.TranscriptionServiceServicer):
    """Calls the same use cases as the worker."""

    store: ArtifactStore
    transcriber: Transcriber
    verifier: Verifier
    recognisers: Recognisers

    async def TranscribeAudio(
        self, request: pb.TranscribeAudioRequest, context: Context
    ) -> AsyncIterator[pb.TranscribeAudioResponse]:
        """See the contract."""
        segment_count = 0

        async def work(send: Callable[[pb.TranscribeAudioResponse], None]) -> pb.Transcript:
            return await self.transcriber.transcribe(
                request,
                lambda fraction: send(pb.TranscribeAudioResponse(progress_ratio=fraction)),
                lambda segment: send(pb.TranscribeAudioResponse(segment=segment)),
            )

        async for response in _streamed(work, lambda t: pb.TranscribeAudioResponse(transcript=t)):
            segment_count += response.HasField("segment")
            if response.HasField("transcript") and not segment_count:
                # Nothing was computed, since it was recorded: the segments are, too.
                async for segment in self._recorded(response.transcript):
                    yield pb.TranscribeAudioResponse(segment=segment)
            yield response

    async def VerifyTranscript(
        self, request: pb.VerifyTranscriptRequest, context: Context
    ) -> AsyncIterator[pb.VerifyTranscriptResponse]:
        """See the contract."""

        async def work(
            send: Callable[[pb.VerifyTranscriptResponse], None],
        ) -> pb.VerifiedTranscript:
            return await self.verifier.verify(
                request, lambda fraction: send(pb.VerifyTranscriptResponse(progress_ratio=fraction))
            )

        async for response in _streamed(work, lambda v: pb.VerifyTranscriptResponse(verified=v)):
            yield response

    async def GetModel(self, request: pb.GetModelRequest, context: Context) -> pb.GetModelResponse:
        """See the contract."""
        try:
            described = await self.recognisers.describe("", installed_only=True)
        except ConflictError:
            described = self.recognisers.default
        return pb.GetModelResponse(
            recogniser=recogniser_info(described),
            installed_models=await self.recognisers.installed(),
            loaded=self.recognisers.is_loaded(described),
        )

    async def _recorded(self, transcript: pb.Transcript) -> AsyncIterator[pb.Segment]:
        document = await read_message(self.store, transcript.transcript_uri, pb.TranscriptDocument)
        for clip in document.clips:
            for segment in clip.segments:
                yield segment


async def _streamed(
    work: Callable[[Callable[[R], None]], Awaitable[T]], last: Callable[[T], R]
) -> AsyncIterator[R]:
    """Yields what `work` sends while it runs, then its result; cancels it when nobody listens."""
    queue: asyncio.Queue[R | None] = asyncio.Queue()

    async def run() -> T:
        try:
            return await work(queue.put_nowait)
        finally:
            queue.put_nowait(None)

    task = asyncio.ensure_future(run())
    try:
        while (response := await queue.get()) is not None:
            yield response
        yield last(await task)
    finally:
        task.cancel()
        await asyncio.wait({task})
