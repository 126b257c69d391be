"""`python -m tests.bench.inference.beside_coqui`: XTTS beside coqui-tts's `inference_stream`.

Random weights of the full size, the same for all; the same texts and settings; the length of the
audio is forced. Each subject runs in a process of its own, one after the other. CPU seconds
count: other processes slow a run down, not so much its cost.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.inference.costs import Cost, Costs
from tests.bench.inference.findings import Findings, Row, show
from tests.models.tiny_xtts import FULL, write_xtts

PRECISIONS = ("fp32", "bf16", "int8")


def measure(arguments: Sequence[str] = ()) -> list[Findings]:
    """Takes ten minutes on a quiet machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, nargs="+", default=[6, 15], choices=[6, 15])
    parser.add_argument("--streams", type=int, default=4, help="utterances at once")
    parser.add_argument("--coqui-threads", type=int, nargs="+", default=[1])
    parser.add_argument("--precisions", nargs="+", default=PRECISIONS, choices=PRECISIONS)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_xtts(folder, FULL)
        measured = {
            f"coqui, {threads} thread{'s' * (threads > 1)}": _costs("coqui", folder, asked, threads)
            for threads in asked.coqui_threads
        }
        measured |= {each: _costs(each, folder, asked, 1) for each in asked.precisions}
    coqui = next(iter(measured.values()))
    return [
        Findings(
            "XTTS beside coqui-tts",
            _columns(asked.seconds, asked.streams),
            [_row(name, costs, coqui, asked.seconds) for name, costs in measured.items()],
            "CPU seconds of all threads, for 6 s and 15 s of audio; ratios are to the first row. "
            "coqui-tts speaks one at a time: its figures in the columns of several at once are "
            "those of one utterance. int8 is the GPT's; the vocoder beside it computes in bf16.",
        )
    ]


def _costs(subject: str, folder: Path, asked: argparse.Namespace, threads: int) -> Costs:
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.inference.subject", subject]
    command += [str(folder), "--streams", str(asked.streams), "--coqui-threads", str(threads)]
    command += ["--seconds", *map(str, asked.seconds)]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    found["alone"] = {length: Cost(**cost) for length, cost in found["alone"].items()}
    found["together"] = Cost(**found["together"]) if found["together"] else None
    return Costs(**found)


def _columns(seconds: list[int], streams: int) -> Row:
    by_length = [
        column
        for length in seconds
        for column in (f"{length} s: CPU s", "ratio", "first audio, CPU s", "ratio")
    ]
    at_once = (f"{streams} at once: audio s per s", "ratio", "longest gap, s")
    return ("", *by_length, *at_once, "loaded, GB", "of it private")


def _row(name: str, costs: Costs, coqui: Costs, seconds: list[int]) -> Row:
    cells = [name]
    for length in map(str, seconds):
        own, other = costs.alone[length], coqui.alone[length]
        cells += [f"{own.cpu_seconds:.1f}", _ratio(other.cpu_seconds, own.cpu_seconds)]
        cells += [f"{own.first_cpu_seconds:.2f}"]
        cells += [_ratio(other.first_cpu_seconds, own.first_cpu_seconds)]
    alone = str(seconds[0])
    together = costs.together or costs.alone[alone]
    cells += [f"{_rate(together):.2f}", _ratio(_rate(together), _rate(coqui.alone[alone]))]
    cells += [f"{together.gap_seconds:.1f}"]
    return (*cells, f"{costs.loaded_bytes / 1e9:.2f}", f"{costs.private_bytes / 1e9:.2f}")


def _rate(cost: Cost) -> float:
    return cost.audio_seconds / cost.wall_seconds


def _ratio(more: float, less: float) -> str:
    return f"{more / less:.1f}"


if __name__ == "__main__":
    show(measure(sys.argv[1:]))
