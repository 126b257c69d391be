"""The voice `joe` says thirty sentences, Whisper hears them, and the first sound comes soon."""

import os
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from services.inference.engines.engine import Engine, Samples, Sampling, Utterance
from services.inference.engines.vits.engine import VitsEngine
from services.inference.engines.vits.joe import load_joe
from services.speech.text import corpus_word_error_rate
from tests.listening import heard
from tests.prove.inference.sentences import SENTENCES

HIGHEST_WORD_ERROR_RATE = 0.06
MOST_FIRST_AUDIO_CPU_SECONDS = 0.5
REPORT = Path(__file__).parents[3] / "docs" / "proofs" / "words.md"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence as it was made."""

    samples: Samples
    first_cpu_seconds: float
    """Until the first audio; espeak-ng's included."""
    cpu_seconds: float


async def test_thirty_sentences_are_understood_and_begin_soon() -> None:
    engine = VitsEngine(load_joe(), slot_count=1)
    try:
        said = [await _speak(engine, text) for text in SENTENCES]
    finally:
        await engine.aclose()
    words = [heard(spoken.samples, engine.sample_rate_hertz) for spoken in said]
    rate = corpus_word_error_rate(SENTENCES, words, language="en")

    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(_report(rate, said, engine.sample_rate_hertz))

    assert rate <= HIGHEST_WORD_ERROR_RATE
    assert max(spoken.first_cpu_seconds for spoken in said) < MOST_FIRST_AUDIO_CPU_SECONDS


async def _speak(engine: Engine, text: str) -> Spoken:
    begin = _cpu_seconds()
    first = 0.0
    pieces = []
    async with aclosing(engine.open(Utterance(text, "en", sampling=Sampling(seed=1)))) as stream:
        async for piece in stream:
            first = first or _cpu_seconds() - begin
            pieces.append(piece.samples)
    return Spoken(np.concatenate(pieces), first, _cpu_seconds() - begin)


def _cpu_seconds() -> float:
    return sum(os.times()[:4])


def _report(rate: float, said: list[Spoken], sample_rate_hertz: int) -> str:
    firsts = sorted(spoken.first_cpu_seconds for spoken in said)
    seconds = sum(len(spoken.samples) for spoken in said) / sample_rate_hertz
    factor = sum(spoken.cpu_seconds for spoken in said) / seconds
    return (
        "# Words of the voice joe\n\n"
        "Written by `make prove-inference`, not by hand. VITS says "
        f"{len(said)} sentences, and Whisper tiny.en hears them.\n\n"
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, one thread of a machine of "
        f"{os.cpu_count()} cores\n"
        f"- word error rate {rate:.1%} (at most {HIGHEST_WORD_ERROR_RATE:.0%})\n"
        f"- CPU seconds until the first audio of a stream: median {firsts[len(firsts) // 2]:.2f}, "
        f"longest {firsts[-1]:.2f}, of the very first sentence {said[0].first_cpu_seconds:.2f} "
        f"(at most {MOST_FIRST_AUDIO_CPU_SECONDS})\n"
        f"- CPU seconds for a second of audio: {factor:.2f}, over {seconds:.0f} s of audio\n"
    )
