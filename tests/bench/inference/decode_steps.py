"""What a step of the XTTS GPT costs, by precision and number of utterances, beside coqui's own.

Run by `python -m tests.bench.inference.decode_steps`: the full-size architecture with random
weights, one thread. Steps are at the positions of a short sentence.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import torch
from TTS.tts.layers.xtts.gpt import GPT

from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.decoder import Admission, SlotDecoder
from services.inference.engines.xtts.gpt.latent_error import latent_error
from services.inference.engines.xtts.gpt.precision import Precision
from tests.bench.inference.findings import Findings, Row, show
from tests.models.random_gpt import FULL_SIZE, coqui_tokens, random_gpt

BATCHES = (1, 4, 8)
TEXT_TOKEN_COUNT = 40
CONDITIONING_POSITIONS = 32


def measure(arguments: Sequence[str] = ()) -> list[Findings]:
    """Takes three minutes on a quiet machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=FULL_SIZE["layers"])
    parser.add_argument("--steps", type=int, default=20)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    gpt = random_gpt(FULL_SIZE | {"layers": asked.layers})
    rows: list[Row] = [("coqui, fp32", f"{_coqui_step(gpt, asked.steps):.1f}", *["-"] * 7)]
    conditioning, exact = _conditioning(gpt), None
    for precision in (Precision.FP32, Precision.BF16, Precision.INT8):
        decoder = SlotDecoder(gpt, slot_count=max(BATCHES), precision=precision)
        steps, reading = _slot_steps(decoder, asked.steps)
        latents = decoder.latents_of(conditioning, range(1, TEXT_TOKEN_COUNT), range(2, 42))
        exact = latents if exact is None else exact
        error = latent_error(exact, latents)
        rows.append(
            (
                precision.value,
                *(f"{ms:.1f}" for ms in (*steps, reading)),
                f"{decoder.memory_bytes / 1e9:.2f}",
                f"{error.max_ratio:.1%}",
                f"{error.rms_ratio:.1%}",
                f"{error.cosine:.5f}",
            )
        )
        del decoder
    columns = ("", *(f"{batch} at once" for batch in BATCHES), f"read {TEXT_TOKEN_COUNT} tokens")
    return [
        Findings(
            "A step of XTTS's GPT",
            (*columns, "GB", "error: max", "rms", "cosine"),
            rows,
            f"CPU milliseconds, {asked.layers} layers, one thread; memory with {max(BATCHES)} "
            "slots used to their ends; the error of latents is that to fp32.",
        )
    ]


def _coqui_step(gpt: GPT, steps: int) -> float:
    conditioning = _conditioning(gpt)

    def decode(count: int) -> Callable[[], object]:
        return lambda: coqui_tokens(gpt, conditioning, range(1, TEXT_TOKEN_COUNT), count)

    return (_cpu_ms(decode(steps + 2)) - _cpu_ms(decode(2))) / steps


def _slot_steps(decoder: SlotDecoder, steps: int) -> tuple[list[float], float]:
    voice = decoder.conditioning_cache(torch.randn(CONDITIONING_POSITIONS, decoder.latent_size))
    request = Admission(voice, list(range(1, TEXT_TOKEN_COUNT)), Sampling(), 0, steps + 100)
    costs = []
    for batch in BATCHES:
        slots = [decoder.admit([request])[0] for _ in range(batch)]
        for _ in range(2):
            decoder.step()
        costs.append(_cpu_ms(lambda: [decoder.step() for _ in range(steps)]) / steps)
        for slot in slots:
            decoder.release(slot)
    readings = []
    for _ in range(3):
        readings.append(_cpu_ms(lambda: decoder.admit([request])))
        decoder.release(0)
    return costs, min(readings)


def _conditioning(gpt: GPT) -> torch.Tensor:
    return torch.randn(CONDITIONING_POSITIONS, gpt.model_dim)


def _cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e3


if __name__ == "__main__":
    show(measure(sys.argv[1:]))
