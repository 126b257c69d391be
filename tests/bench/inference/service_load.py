"""`python -m tests.bench.inference.service_load`: what listeners of the service hear under load.

Starts the service in a process of its own, or takes one that runs (--address, --voice). Times need
a quiet machine; the overhead is counted in CPU seconds and needs it less.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from tests.bench.inference.findings import Findings, Row, show
from tests.bench.inference.listeners import Crowd, closed_loop, listen, open_loop
from tests.bench.inference.overhead import Overhead, overhead
from tests.bench.inference.served import Served, reached, served
from tests.bench.inference.speakers import Speaker, joe, xtts
from ttstrainer.inference.v1 import inference_service_pb2 as pb

LOAD_COLUMNS = (
    "load", "streams", "refused", "first audio", "real-time factor", "gap", "interrupted",
    "audio s per s",
)  # fmt: skip
LOAD_NOTE = (
    "Seconds as p50 / p95 / p99. At once: closed loop, each listener asks again when a text was "
    "heard. A second: open loop, listeners come at random. The gap is that between two messages; "
    "interrupted is the share of streams in which a player without a buffer stood still."
)


def measure(arguments: Sequence[str] = ()) -> list[Findings]:
    """Takes a quarter of an hour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", nargs="+", default=["joe", "xtts"], choices=["joe", "xtts"])
    parser.add_argument("--precision", default="int8", help="of XTTS")
    parser.add_argument("--address", default="", help="of a service that runs: host:port")
    parser.add_argument("--voice", default="joe", help="one of that service")
    return asyncio.run(_measure(parser.parse_args(arguments)))


async def _measure(asked: argparse.Namespace) -> list[Findings]:
    if asked.address:
        elsewhere = Speaker(f"The voice {asked.voice}", asked.voice)
        async with reached(asked.address) as speech:
            return [await _load(elsewhere, Served(speech, 0))]
    overheads: list[Row] = []
    loads = []
    async for speaker, service in _speakers(asked):
        overheads.append(
            _overhead_cells(speaker, await overhead(speaker, service, _options(speaker)))
        )
        loads.append(await _load(speaker, service))
    columns = ("", "audio, s", "engine, CPU s", "service, CPU s", "overhead")
    return [Findings("The service beside the engine called directly", columns, overheads), *loads]


async def _speakers(asked: argparse.Namespace) -> AsyncIterator[tuple[Speaker, Served]]:
    for name in asked.voices:
        with tempfile.TemporaryDirectory() as created:
            folder = Path(created)
            speaker = joe() if name == "joe" else await xtts(folder, asked.precision)
            async with served(folder, speaker.settings) as service:
                yield speaker, service


async def _load(speaker: Speaker, service: Served) -> Findings:
    options, rows = _options(speaker), []
    await listen(service.speech, speaker.texts[0], options)
    for count in speaker.listeners:
        crowd = await closed_loop(
            service.speech, speaker.texts, options, count=count, seconds=speaker.seconds
        )
        rows.append((f"{count} at once", *_load_cells(crowd)))
    for rate in speaker.arrivals_per_second:
        crowd = await open_loop(
            service.speech, speaker.texts, options, per_second=rate, seconds=speaker.seconds
        )
        rows.append((f"{rate:g} a second", *_load_cells(crowd)))
    return Findings(f"The service under load: {speaker.title}", LOAD_COLUMNS, rows, LOAD_NOTE)


def _options(speaker: Speaker) -> pb.SpeechOptions:
    return pb.SpeechOptions(
        voice_id=speaker.voice_id,
        language_code="en",
        seed=1,
        max_audio_seconds=speaker.max_seconds,
    )


def _overhead_cells(speaker: Speaker, found: Overhead) -> Row:
    return (
        speaker.title,
        f"{found.audio_seconds:.0f}",
        f"{found.engine_seconds:.2f}",
        f"{found.service_seconds:.2f}",
        f"{found.share:.1%}",
    )


def _load_cells(crowd: Crowd) -> Row:
    heard = crowd.heard
    audio_seconds = sum(each.audio_seconds for each in heard)
    interrupted = sum(each.was_interrupted for each in heard) / max(1, len(heard))
    return (
        str(len(heard)),
        str(crowd.refused_count),
        crowd.percentiles(lambda each: each.first_seconds),
        crowd.percentiles(lambda each: each.all_seconds / max(each.audio_seconds, 1e-9)),
        crowd.gaps,
        f"{interrupted:.0%}",
        f"{audio_seconds / crowd.wall_seconds:.1f}",
    )


if __name__ == "__main__":
    show(measure(sys.argv[1:]))
