"""XTTS on a CUDA machine: first audio, real-time factor and throughput at 1 to 64 at once.

Full-size random weights. `--smoke` runs a tiny model wherever it is, to see that this works.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from services.inference.engines.xtts.engine import XttsEngine
from services.inference.engines.xtts.length_limit import RunawayGuard
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.options import XttsOptions
from tests.bench.gpu.closed_loop import Heard, Load, closed_loop
from tests.models.tiny_xtts import FULL, TINY, XttsSize, write_xtts

TEXTS = (
    "The tide had turned before anyone on the pier thought to look at the water.",
    "She kept the letters in a drawer that nobody else in the house could open.",
    "Rain came over the hills at noon and stayed until the lamps were lit.",
    "He counted the stairs on the way down and got a different number each time.",
)
NO_GUARD = RunawayGuard(seconds=600)
CONDITIONING_POSITIONS = 32
SPEAKER_SIZE = 512


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure."""

    size: XttsSize
    device: str
    precisions: Sequence[str]
    concurrencies: Sequence[int]
    rounds: int
    utterance_seconds: float


REAL = Plan(FULL, "cuda", ("bf16", "fp16", "fp32"), (1, 8, 32, 64), 6, 6.0)
SMOKE = Plan(TINY, "cpu", ("fp32",), (1, 4), 2, 2.0)


def main() -> None:
    """Prints a table for each precision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--precision", action="append", help="only these; may be repeated")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    plan = SMOKE if arguments.smoke else REAL
    if plan.device == "cuda" and not torch.cuda.is_available():
        parser.exit(2, "There is no CUDA device here; --smoke runs a tiny model without one.\n")
    rows: list[dict[str, float | str]] = []
    with tempfile.TemporaryDirectory() as folder:
        write_xtts(Path(folder), plan.size)
        for precision in arguments.precision or plan.precisions:
            rows += asyncio.run(_measure(Path(folder), plan, precision))
    _print(rows)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


async def _measure(folder: Path, plan: Plan, precision: str) -> list[dict[str, float | str]]:
    """Loads one engine for each concurrency, with as many slots: steps are as wide as the slots."""
    return [
        {"precision": precision, **_figures(await _load(folder, plan, precision, concurrency))}
        for concurrency in plan.concurrencies
    ]


async def _load(folder: Path, plan: Plan, precision: str, concurrency: int) -> Load:
    options = XttsOptions(
        device=plan.device, precision=precision, slot_count=concurrency, guard=NO_GUARD
    )
    if plan.device == "cuda":
        torch.cuda.reset_peak_memory_stats()  # else each row would show the largest one before it
    engine = XttsEngine.load(folder, options)
    voice = XttsConditioning(
        torch.randn(CONDITIONING_POSITIONS, plan.size.channel_count) * 0.1,
        torch.randn(SPEAKER_SIZE, 1),
    )
    try:
        for rounds in (1, plan.rounds):  # the first warms up
            load = await closed_loop(
                engine,
                voice,
                TEXTS,
                concurrency=concurrency,
                rounds=rounds,
                max_seconds=plan.utterance_seconds,
            )
    finally:
        await engine.aclose()
    return load


def _figures(load: Load) -> dict[str, float]:
    steady = load.later or load.first
    return {
        "concurrency": load.concurrency,
        "first audio p50 ms": 1e3 * _quantile([one.first_audio_seconds for one in steady], 50),
        "p95 ms": 1e3 * _quantile([one.first_audio_seconds for one in steady], 95),
        "all at once p95 ms": 1e3 * _quantile([one.first_audio_seconds for one in load.first], 95),
        "real-time factor p50": _quantile([_factor(one) for one in steady], 50),
        "longest gap p95 ms": 1e3 * _quantile([one.longest_gap_seconds for one in steady], 95),
        "audio s/s": load.audio_rate,
        "GPU GB": torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0.0,
    }


def _factor(one: Heard) -> float:
    return one.total_seconds / one.audio_seconds


def _quantile(values: Sequence[float], percent: int) -> float:
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _print(rows: Sequence[dict[str, float | str]]) -> None:
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    table = Table(title=f"XTTS, random weights, {device}")
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            *(value if isinstance(value, str) else f"{value:.4g}" for value in row.values())
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
