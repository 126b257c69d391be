"""Measures one subject in a process of its own, so that its memory and its time are its own."""

import argparse
import asyncio
import dataclasses
import json
from pathlib import Path

from tests.bench.inference import coqui_subject, engine_subject


def main() -> None:
    """Prints what was measured as JSON, in the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subject", choices=["coqui", "fp32", "bf16", "int8"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, nargs="+", required=True)
    parser.add_argument("--streams", type=int, required=True)
    parser.add_argument("--coqui-threads", type=int, required=True)
    options = parser.parse_args()
    if options.subject == "coqui":
        costs = coqui_subject.measure(options.folder, options.seconds, options.coqui_threads)
    else:
        costs = asyncio.run(
            engine_subject.measure(
                options.folder, options.seconds, options.subject, options.streams
            )
        )
    print(json.dumps(dataclasses.asdict(costs)))  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    main()
