"""Speech from the inference service."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.refusing import words_for
from bot.speech.order import SpeechOrder
from bot.speech.source import Pcm
from gateway.client.inference import InferenceClient
from services.chassis.errors import (
    DeadlineExceededError,
    ServiceError,
    ShutdownError,
    UnavailableError,
)
from ttstrainer.inference.v1 import inference_service_pb2 as pb

NOT_THERE = "I cannot speak at the moment, because the speech service is down: try again soon."
BROKE_OFF = "The speech service broke off before all was said: say it again."
_AWAY = (UnavailableError, ShutdownError, DeadlineExceededError)


class InferenceSpeech:
    """Has texts spoken by the inference service, and waits for none of it forever."""

    def __init__(
        self,
        inference: InferenceClient,
        *,
        first_audio_seconds: float = 20.0,
        silence_seconds: float = 20.0,
    ) -> None:
        """Gives up when no sound, or no more of it, comes for so long."""
        self._inference = inference
        self._first_audio_seconds = first_audio_seconds
        self._silence_seconds = silence_seconds

    async def speak(self, order: SpeechOrder) -> AsyncGenerator[Pcm, None]:
        """See SpeechSource."""
        rate_hertz = 0
        has_begun = False
        async with aclosing(self._inference.speak(_request(order))) as parts:
            while True:
                try:
                    part = await self._next(parts, has_begun=has_begun)
                except ServiceError as error:
                    raise _for_people(error, has_begun=has_begun) from error
                if part is None:
                    return
                match part.WhichOneof("part"):
                    case "format":
                        rate_hertz = part.format.sample_rate_hertz
                    case "chunk":
                        has_begun = True
                        yield Pcm(part.chunk.pcm, rate_hertz)

    async def _next(
        self, parts: AsyncGenerator[pb.SpeechPart, None], *, has_begun: bool
    ) -> pb.SpeechPart | None:
        try:
            patience = self._silence_seconds if has_begun else self._first_audio_seconds
            async with asyncio.timeout(patience):
                return await anext(parts, None)
        except TimeoutError:
            raise UnavailableError(NOT_THERE) from None


def _request(order: SpeechOrder) -> pb.StreamSpeechRequest:
    return pb.StreamSpeechRequest(text=order.text, options=speech_options(order))


def speech_options(order: SpeechOrder) -> pb.SpeechOptions:
    """Returns who is to speak, and how."""
    return pb.SpeechOptions(
        voice_id=order.voice_id,
        language_code=order.language_code,
        speed=order.speed,
        priority=pb.PRIORITY_INTERACTIVE,
        max_audio_seconds=order.max_audio_seconds,
        pronunciations=[
            pb.Pronunciation(written=written, spoken=spoken)
            for written, spoken in order.pronunciations
        ],
    )


def _for_people(error: ServiceError, *, has_begun: bool) -> ServiceError:
    """Says it as one who listens can use it: not with addresses, ids and names of methods."""
    is_away = isinstance(error, _AWAY) or type(error) is ServiceError
    if is_away or (has_begun and error.retryable):
        return UnavailableError(BROKE_OFF if has_begun else NOT_THERE, reason="SPEECH_UNAVAILABLE")
    return type(error)(words_for(error) or error.message, reason=error.reason)
