"""What datasets look like on a terminal and in JSON."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gateway.cli.datasets.summary import clock
from gateway.cli.names import printable
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

SPLITS = {pb.SPLIT_TRAIN: "train", pb.SPLIT_VALIDATION: "validation"}
INDENT = 4


def datasets_table(datasets: Sequence[pb.Dataset]) -> Iterator[RenderableType]:
    """Yields datasets for people."""
    if not datasets:
        yield Text("There are no datasets yet: `tts-trainer run-pipeline` makes one.")
        return
    table = Table()
    for heading in ("Dataset", "Version", "Language", "Recordings", "Kept", "Rejected"):
        table.add_column(heading)
    for each in datasets:
        summary = each.summary
        table.add_row(
            Text(each.dataset_id),
            str(each.version),
            Text(each.language_code),
            str(summary.recording_count),
            f"{summary.kept_count} clips, {clock(summary.kept_seconds)}",
            f"{summary.rejected_count} clips, {clock(summary.rejected_seconds)}",
        )
    yield table


def dataset_lines(dataset: pb.Dataset) -> Iterator[RenderableType]:
    """Yields one version for people."""
    summary = dataset.summary
    yield Text(f"Dataset {dataset.dataset_id} version {dataset.version}, {dataset.digest}")
    table = Table("Where the seconds went", "Duration", "Clips")
    table.add_row("kept", clock(summary.kept_seconds), str(summary.kept_count))
    table.add_row("rejected", clock(summary.rejected_seconds), str(summary.rejected_count))
    table.add_row("silence", clock(summary.silence_seconds), "")
    table.add_row("other sound", clock(summary.other_sound_seconds), "")
    table.add_row("missing", clock(summary.missing_seconds), "")
    table.add_section()
    table.add_row("all recordings", clock(summary.input_seconds), "")
    yield table
    for each in summary.rejections:
        yield Text(f"• {each.code}: {each.clip_count} clips, {clock(each.seconds)}")


def clip_lines(clips: Sequence[pb.DatasetClip]) -> Iterator[RenderableType]:
    """Yields clips for people; an id of 75 letters has a line to itself, to be copied whole."""
    if not clips:
        yield Text("There are no such clips.")
    for clip in clips:
        told = "; ".join(reason.message for reason in clip.reasons) or clip.text
        seconds = clip.end_seconds - clip.start_seconds
        split = SPLITS.get(clip.split, "rejected")
        yield Text(clip.clip_id, overflow="fold")
        yield Padding.indent(Text(f"{seconds:.1f} s, {split}: {printable(told)}"), INDENT)


def advice_lines(advice: pb.GetRecommendationsResponse) -> Iterator[RenderableType]:
    """Yields recommendations for people."""
    yield from _bullets(each.message for each in advice.recommendations)
    if advice.rare_sounds:
        sounds = ", ".join(f"{each.phoneme} ({each.count})" for each in advice.rare_sounds[:20])
        yield Text(f"Rare sounds: {sounds}")
    yield from _bullets(
        f"{each.code} cost {clock(each.seconds)}, {clock(each.recoverable_seconds)} of it alone"
        for each in advice.threshold_costs
    )


def _bullets(lines: Iterable[str]) -> Iterator[Text]:
    return (Text(f"• {line}") for line in lines)
