"""What the service adds to the engine it calls, in CPU seconds."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass

from services.inference.engines.engine import Engine, Sampling, Utterance
from tests.bench.inference.listeners import listen
from tests.bench.inference.served import Served
from tests.bench.inference.speakers import Speaker
from tests.bench.readings import cpu_seconds
from ttstrainer.inference.v1 import inference_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class Overhead:
    """The CPU seconds of the same audio, by the engine called directly and by the service."""

    engine_seconds: float
    service_seconds: float
    audio_seconds: float

    @property
    def share(self) -> float:
        """How much more the service took; 0.05 for 5 %."""
        return self.service_seconds / self.engine_seconds - 1


async def overhead(speaker: Speaker, served: Served, options: pb.SpeechOptions) -> Overhead:
    """Loads the engine here, too, and lets both speak in turn, so that what else runs weighs alike.

    Both speak all texts once before. The service's process is counted whole: gRPC, voices, text,
    admission, cutting, and what it does in the background.
    """
    assert speaker.load is not None
    engine = await asyncio.to_thread(speaker.load)
    directly = through = audio = 0.0
    try:
        await _directly(engine, speaker)
        await _through(served, speaker, options)
        for _ in range(speaker.rounds):
            before = time.process_time()
            await _directly(engine, speaker)
            directly += time.process_time() - before
            before = cpu_seconds(served.process_id)
            audio += await _through(served, speaker, options)
            through += cpu_seconds(served.process_id) - before
    finally:
        await engine.aclose()
    return Overhead(directly, through, audio)


async def _directly(engine: Engine, speaker: Speaker) -> None:
    for text in speaker.texts:
        utterance = Utterance(
            text,
            "en",
            speaker.conditioning,
            sampling=Sampling(seed=1),
            max_seconds=speaker.max_seconds,
        )
        async with aclosing(engine.open(utterance)) as stream:
            async for _ in stream:
                pass


async def _through(served: Served, speaker: Speaker, options: pb.SpeechOptions) -> float:
    """Returns the seconds of audio."""
    heard = [await listen(served.speech, text, options) for text in speaker.texts]
    return sum(each.audio_seconds for each in heard)
