"""InferenceService over gRPC: translation, and an end for clients that do not go on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, TypeVar

import grpc

from services.chassis.errors import DeadlineExceededError, InvalidInputError
from services.inference.metrics import CLIENT_STALLED, REJECTED_STREAMS
from services.inference.speaking.filing import Filing
from services.inference.speaking.parts import SpeechPart
from services.inference.speaking.script import Script
from services.inference.speaking.speaking import Speaking
from services.inference.wire import (
    SYNTHETIC,
    file_format,
    format_message,
    part_message,
    sentence_message,
    speech_options,
    summary_message,
)
from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1.inference_service_pb2_grpc import InferenceServiceServicer

Context = grpc.aio.ServicerContext[Any, Any]
R = TypeVar("R")


class InferenceServicer(InferenceServiceServicer):
    """Speaks.

    The streaming methods write their responses themselves, so that they see when nobody takes
    them: a generator stands still until the next one is asked for.
    """

    def __init__(
        self,
        speaking: Speaking,
        filing: Filing,
        *,
        max_text_characters: int,
        stalled_client_seconds: float,
        silent_client_seconds: float,
    ) -> None:
        """Takes what it needs, made by the composition root."""
        self._speaking = speaking
        self._filing = filing
        self._max_text_characters = max_text_characters
        self._stalled_client_seconds = stalled_client_seconds
        self._silent_client_seconds = silent_client_seconds

    async def StreamSpeech(  # type: ignore[override]
        self, request: pb.StreamSpeechRequest, context: Context
    ) -> None:
        """See the contract."""
        script = Script(request.text, self._max_text_characters)
        parts = self._speaking.speak(script, speech_options(request.options))
        await self._send(context, parts, lambda part: pb.StreamSpeechResponse(part=part))

    async def StreamSpeechFromText(  # type: ignore[override]
        self,
        request_iterator: AsyncIterator[pb.StreamSpeechFromTextRequest],
        context: Context,
    ) -> None:
        """See the contract."""
        requests = self._written(request_iterator)
        first = await anext(requests, None)
        if first is None or first.WhichOneof("payload") != "options":
            message = "The first message must hold the options."
            raise InvalidInputError(message, reason="OPTIONS_MISSING", field="options")
        script = Script(_pieces(requests), self._max_text_characters)
        parts = self._speaking.speak(script, speech_options(first.options))
        await self._send(context, parts, lambda part: pb.StreamSpeechFromTextResponse(part=part))

    async def SynthesizeSpeech(
        self, request: pb.SynthesizeSpeechRequest, context: Context
    ) -> pb.SynthesizeSpeechResponse:
        """See the contract."""
        made = await self._filing.file(
            Script(request.text, self._max_text_characters),
            speech_options(request.options),
            file_format(request.file_format),
            is_stored=request.store,
        )
        await context.send_initial_metadata(SYNTHETIC)
        response = pb.SynthesizeSpeechResponse(
            media_type=made.media_type,
            sentences=map(sentence_message, made.marks),
            summary=summary_message(made.summary),
            format=format_message(made.audio_format),
        )
        if made.uri:
            response.audio_uri = made.uri
        else:
            response.audio = made.content
        return response

    async def _send(
        self,
        context: Context,
        parts: AsyncGenerator[SpeechPart, None],
        response: Callable[[pb.SpeechPart], R],
    ) -> None:
        is_first = True
        async with aclosing(parts):
            async for part in parts:
                if is_first:
                    await context.send_initial_metadata(SYNTHETIC)
                    is_first = False
                try:
                    async with asyncio.timeout(self._stalled_client_seconds):
                        await context.write(response(part_message(part)))
                except TimeoutError:
                    seconds = self._stalled_client_seconds
                    message = f"The client took no audio for {seconds:g} s: read it as it comes."
                    raise _stalled(message) from None

    async def _written(
        self, requests: AsyncIterator[pb.StreamSpeechFromTextRequest]
    ) -> AsyncIterator[pb.StreamSpeechFromTextRequest]:
        """Yields the requests; a client that writes none, and no end either, holds a model."""
        rest = aiter(requests)
        while True:
            try:
                async with asyncio.timeout(self._silent_client_seconds):
                    request = await anext(rest, None)
            except TimeoutError:
                seconds = self._silent_client_seconds
                message = (
                    f"The client wrote nothing for {seconds:g} s: close the sending side when the "
                    "text is complete, and call again for what comes later."
                )
                raise _stalled(message) from None
            if request is None:
                return
            yield request


def _stalled(message: str) -> DeadlineExceededError:
    REJECTED_STREAMS.labels(CLIENT_STALLED).inc()
    return DeadlineExceededError(message, reason=CLIENT_STALLED)


async def _pieces(
    requests: AsyncIterator[pb.StreamSpeechFromTextRequest],
) -> AsyncIterator[str | None]:
    """Yields the text, and None for each flush."""
    async for request in requests:
        match request.WhichOneof("payload"):
            case "text":
                yield request.text
            case "flush":
                yield None
            case _:
                message = "After the options come text and flushes only."
                raise InvalidInputError(message, reason="TEXT_EXPECTED", field="text")
