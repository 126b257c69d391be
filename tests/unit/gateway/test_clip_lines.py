"""What clips look like on a terminal."""

import io

from rich.console import Console

from gateway.cli.datasets.report import clip_lines
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

CLIP_ID = f"{'0123456789abcdef' * 4}-172800000"
"""A recording's digest, and the sample in it at which the clip begins."""


def shown(clip: pb.DatasetClip) -> str:
    output = io.StringIO()
    console = Console(file=output, width=80)
    for each in clip_lines([clip]):
        console.print(each)
    return output.getvalue()


def test_the_id_of_a_clip_can_be_copied_from_a_terminal_of_eighty_columns() -> None:
    text = "the quick brown fox jumps over the lazy dog and runs away through the woods [at night]"
    told = shown(
        pb.DatasetClip(
            clip_id=CLIP_ID, start_seconds=1, end_seconds=6.5, split=pb.SPLIT_TRAIN, text=text
        )
    )
    assert CLIP_ID in told.splitlines(), told
    assert f"5.5 s, train: {text}" in " ".join(told.split())


def test_a_clip_that_was_rejected_is_shown_with_every_reason() -> None:
    reasons = [pb.ClipReason(message=each) for each in ("Too short.", "Too noisy.")]
    told = shown(pb.DatasetClip(clip_id=CLIP_ID, end_seconds=0.4, reasons=reasons, text="well"))
    assert "0.4 s, rejected: Too short.; Too noisy." in told
    assert "well" not in told
