"""An inference service that costs nothing: it speaks a tone at a pace, and notes when."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import numpy as np

from tests.fakes.speech_service import FakeInference
from ttstrainer.inference.v1 import inference_service_pb2 as pb

RATE_HERTZ = 24_000
CHUNK_SECONDS = 0.1


@dataclass
class PacedSpeech(FakeInference):
    """Speaks `seconds` of sound for whatever text."""

    seconds: float = 1.0
    first_audio_seconds: float = 0.05
    """How long its model thinks."""
    real_time_factor: float = 0.5
    """Seconds of work for each second of sound: below 1 it keeps up."""
    thought: list[float] = field(default_factory=list)
    """How long each text took from its request to its first audio, in seconds."""

    async def StreamSpeech(
        self,
        request: pb.StreamSpeechRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> AsyncIterator[pb.StreamSpeechResponse]:
        """See the contract."""
        asked = time.perf_counter()
        form = pb.AudioFormat(sample_rate_hertz=RATE_HERTZ, channel_count=1, synthetic=True)
        yield pb.StreamSpeechResponse(part=pb.SpeechPart(format=form))
        due = asked + self.first_audio_seconds
        for number, pcm in enumerate(self._chunks()):
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if number == 0:
                self.thought.append(time.perf_counter() - asked)
            chunk = pb.AudioChunk(sequence_number=number, pcm=pcm)
            yield pb.StreamSpeechResponse(part=pb.SpeechPart(chunk=chunk))
            due += CHUNK_SECONDS * self.real_time_factor
        summary = pb.SpeechSummary(
            audio_seconds=self.seconds, finish_reason=pb.FINISH_REASON_COMPLETE
        )
        yield pb.StreamSpeechResponse(part=pb.SpeechPart(summary=summary))

    def _chunks(self) -> Iterator[bytes]:
        times = np.arange(round(CHUNK_SECONDS * RATE_HERTZ)) / RATE_HERTZ
        # A whole number of periods a chunk, so that the tone has no clicks.
        chunk = (12_000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes()
        for _ in range(round(self.seconds / CHUNK_SECONDS)):
            yield chunk
