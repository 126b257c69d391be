"""`make demo`: videos -> the command -> a dataset, then speech; checked against what was said."""

import argparse
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gateway.cli.command_line import app
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import run_command
from gateway.demo.check import MAX_WORD_ERROR_RATE, MIN_KEPT_RATIO, Score, total
from gateway.demo.conversation import Conversation
from gateway.demo.outcome import scores_of
from gateway.demo.prompts import ATTRIBUTION, PromptsMissingError
from gateway.demo.samples import PROMPTS_PER_VIDEO, make_samples

VOICE = "demo"
# It comes with `make setup`; the services' own default would be downloaded.
MODEL = "tiny.en"


def main() -> int:
    """Runs the demo and returns its exit code: 0 when all is as good as promised."""
    parser = argparse.ArgumentParser(prog="python -m gateway.demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("demo-output"), help="where it goes")
    parser.add_argument("--prompts", type=int, default=PROMPTS_PER_VIDEO, help="in each video")
    options = parser.parse_args()
    videos, dataset = options.folder / "videos", options.folder / "dataset"
    console = Console(stderr=True)

    console.print(ATTRIBUTION, markup=False)
    started = time.monotonic()
    try:
        samples = make_samples(videos, options.prompts)
    except PromptsMissingError as error:
        console.print(f"Error: {error}", markup=False)
        return 1
    console.print(f"Made {len(samples)} videos in {videos}", markup=False)

    command = ["run-pipeline", "--input", str(videos), "--voice", VOICE]
    command += ["--output", str(dataset), "--model", MODEL]
    console.print(f"tts-trainer {' '.join(command)}", markup=False)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the model is here: nothing is asked of a hub
    try:
        app(command, prog_name="tts-trainer")
    except SystemExit as ended:
        if ended.code not in {None, ExitStatus.OK}:
            return int(ended.code or 0)

    scores = scores_of(dataset, samples)
    overall = total(list(scores.values()))
    Console().print(_table(scores, overall))
    seconds = time.monotonic() - started
    console.print(f"Dataset: {dataset} (report.html), made in {seconds:.0f} s", markup=False)
    if not overall.is_good:
        console.print("Error: the dataset is worse than promised.", markup=False)
        return 1
    return int(run_command(Conversation(options.folder, MODEL)))


def _table(scores: Mapping[str, Score], overall: Score) -> Table:
    table = Table(title="Kept clips against what was really said", title_justify="left")
    for heading in ("Video", "Speech", "Kept", "Words", "Word error rate"):
        table.add_column(heading, justify="left" if heading == "Video" else "right")
    for name, found in scores.items():
        table.add_row(name, *_row(found))
    table.add_section()
    table.add_row("all", *_row(overall))
    table.add_row(
        "wanted", "", f"at least {MIN_KEPT_RATIO:.0%}", "", f"at most {MAX_WORD_ERROR_RATE:.0%}"
    )
    return table


def _row(found: Score) -> tuple[str, str, str, str]:
    return (
        f"{found.real_seconds:.0f} s",
        f"{found.kept_ratio:.1%}",
        str(found.word_count),
        f"{found.word_error_rate:.1%}",
    )


if __name__ == "__main__":
    sys.exit(main())
