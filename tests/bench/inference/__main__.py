"""`make bench-inference`: our XTTS beside coqui-tts's `inference_stream`.

Random weights of the full size, the same for all; the same texts and settings; the length of the
audio is forced. Each subject runs in a process of its own, one after the other. CPU seconds
count: other processes slow a run down, not its cost. Takes ten minutes on a quiet machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.bench.inference.costs import Cost, Costs
from tests.bench.inference.tables import Measured, markdown, table
from tests.models.tiny_xtts import FULL, write_xtts

SUBJECTS = ("coqui", "fp32", "bf16", "int8")


def main() -> None:
    """Measures and prints; `--write` puts the table into a file."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.inference", description=__doc__)
    parser.add_argument("--seconds", type=int, nargs="+", default=[6, 15], choices=[6, 15])
    parser.add_argument("--streams", type=int, default=4, help="utterances at once")
    parser.add_argument("--coqui-threads", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[], choices=SUBJECTS, help="besides coqui")
    parser.add_argument("--write", type=Path, help="a page to write")
    options = parser.parse_args()
    subjects = [one for one in SUBJECTS if one == "coqui" or one in (options.only or SUBJECTS)]
    console = Console(width=160)
    with tempfile.TemporaryDirectory() as folder:
        write_xtts(Path(folder), FULL)
        measured: Measured = {}
        for subject in subjects:
            console.print(f"{datetime.now(UTC):%H:%M:%S} {subject} ...")
            measured[subject] = _measure(subject, Path(folder), options)
    console.print(table(measured, options.seconds, options.streams))
    if options.write is not None:
        page = markdown(measured, options.seconds, options.streams)
        options.write.write_text(
            "# XTTS on a CPU, beside coqui-tts\n\nWritten by `make bench-inference`: random "
            f"weights of the full size, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
            f"coqui-tts on {options.coqui_threads} thread(s).\n\n{page}"
        )


def _measure(subject: str, folder: Path, options: argparse.Namespace) -> Costs:
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.inference.subject", subject]
    command += [str(folder), "--streams", str(options.streams)]
    command += ["--coqui-threads", str(options.coqui_threads)]
    command += ["--seconds", *map(str, options.seconds)]
    environment = os.environ | {"OMP_NUM_THREADS": str(options.coqui_threads)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    found["alone"] = {length: Cost(**cost) for length, cost in found["alone"].items()}
    found["together"] = Cost(**found["together"]) if found["together"] else None
    return Costs(**found)


if __name__ == "__main__":
    main()
