"""People who listen to streams, as far as measuring goes: when audio came, and when it was late."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import grpc
import numpy as np

from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1.inference_service_pb2_grpc import InferenceServiceStub


@dataclass
class Heard:
    """What one listener heard; seconds since the request."""

    first_seconds: float = 0.0
    all_seconds: float = 0.0
    audio_seconds: float = 0.0
    gaps_seconds: list[float] = field(default_factory=list)
    """Between two chunks."""
    was_interrupted: bool = False
    """Whether playback from the first chunk on would have waited for a later one."""


@dataclass
class Crowd:
    """What all listeners heard."""

    heard: list[Heard] = field(default_factory=list)
    refused_count: int = 0
    wall_seconds: float = 0.0

    def percentiles(self, of: Callable[[Heard], float]) -> str:
        """Returns p50, p95 and p99 of a figure."""
        values = [of(each) for each in self.heard] or [0.0]
        return " / ".join(f"{value:.3f}" for value in np.percentile(values, [50, 95, 99]))

    @property
    def gaps(self) -> str:
        """Percentiles of the gaps between chunks of all streams."""
        gaps = [gap for each in self.heard for gap in each.gaps_seconds] or [0.0]
        return " / ".join(f"{value:.3f}" for value in np.percentile(gaps, [50, 95, 99]))


async def listen(stub: InferenceServiceStub, text: str, options: pb.SpeechOptions) -> Heard:
    """Hears a text to its end."""
    heard, rate, played = Heard(), 1, 0
    started = last = time.perf_counter()
    async for response in stub.StreamSpeech(pb.StreamSpeechRequest(text=text, options=options)):
        part, now = response.part, time.perf_counter()
        if part.HasField("format"):
            rate = part.format.sample_rate_hertz
        elif part.HasField("chunk"):
            if played:
                heard.gaps_seconds.append(now - last)
                heard.was_interrupted |= now - started > heard.first_seconds + played / rate
            else:
                heard.first_seconds = now - started
            played += len(part.chunk.pcm) // 2
            last = now
    heard.all_seconds, heard.audio_seconds = last - started, played / rate
    return heard


async def closed_loop(
    stub: InferenceServiceStub,
    texts: Sequence[str],
    options: pb.SpeechOptions,
    *,
    count: int,
    seconds: float,
) -> Crowd:
    """Has `count` listeners who ask again as soon as they have heard a text."""
    ends = time.perf_counter() + seconds

    async def arrivals(number: int) -> AsyncIterator[str]:
        turn = number
        while time.perf_counter() < ends:
            yield texts[turn % len(texts)]
            turn += 1

    crowd = Crowd()

    async def stay(number: int) -> None:
        async for text in arrivals(number):
            await _join(crowd, stub, text, options)

    started = time.perf_counter()
    await asyncio.gather(*map(stay, range(count)))
    crowd.wall_seconds = time.perf_counter() - started
    return crowd


async def open_loop(
    stub: InferenceServiceStub,
    texts: Sequence[str],
    options: pb.SpeechOptions,
    *,
    per_second: float,
    seconds: float,
) -> Crowd:
    """Has listeners who come as they like, at this mean rate, whether or not others are served."""
    crowd, rng = Crowd(), np.random.default_rng(1)
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        turn = 0
        while time.perf_counter() - started < seconds:
            group.create_task(_join(crowd, stub, texts[turn % len(texts)], options))
            turn += 1
            await asyncio.sleep(rng.exponential(1 / per_second))
    crowd.wall_seconds = time.perf_counter() - started
    return crowd


async def _join(
    crowd: Crowd, stub: InferenceServiceStub, text: str, options: pb.SpeechOptions
) -> None:
    try:
        crowd.heard.append(await listen(stub, text, options))
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise
        crowd.refused_count += 1
        await asyncio.sleep(0.5)
