"""InferenceService as a client sees it: audio of counted samples."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc

from services.chassis.errors import OverloadedError, ServiceError
from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1 import inference_service_pb2_grpc as rpc

Context = grpc.aio.ServicerContext[Any, Any]
RATE_HERTZ = 16_000
CHUNK = b"\x01\x00" * 1600


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
