"""`make bench-inference`: what speech costs, beside coqui-tts, by the step, and as a service."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.bench.inference import beside_coqui, decode_steps, service_load
from tests.bench.inference.findings import Findings, show
from tests.bench.inference.neighbours import Neighbours

PARTS = {
    "coqui": beside_coqui.measure,
    "steps": decode_steps.measure,
    "service": service_load.measure,
}
PAGE = Path(__file__).parents[3] / "docs" / "proofs" / "speech.md"


def main() -> None:
    """Measures part by part, which takes a quarter of an hour."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.inference", description=__doc__)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} in docs/proofs")
    asked = parser.parse_args()
    findings: list[Findings] = []
    for name in asked.parts:
        Console().print(f"{datetime.now(UTC):%H:%M:%S} {name} ...")
        neighbours = Neighbours()
        found = PARTS[name]()
        beside = f"Others kept {neighbours.core_count():.1f} cores busy meanwhile."
        found = [replace(each, note=f"{each.note} {beside}".strip()) for each in found]
        show(found)
        findings += found
        if asked.write:
            PAGE.write_text(_page(findings))


def _page(findings: Sequence[Findings]) -> str:
    return (
        "# What speech costs\n\n"
        "Written by `python -m tests.bench.inference --write`, not by hand. Random weights of the "
        f"full size of XTTS v2, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, a machine of "
        f"{os.cpu_count()} cores ({_processor()}).\n\n"
        + "\n".join(each.markdown() for each in findings)
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")


if __name__ == "__main__":
    main()
