"""What a finished dataset looks like on a terminal and in JSON."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from google.protobuf import json_format
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gateway.cli.importing import LeftOut
from gateway.cli.names import printable
from gateway.cli.stages.result import left_out_payload
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

MAX_REASONS = 3


def clock(seconds: float) -> str:
    """Returns a duration as minutes and seconds, such as "12:03"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def dataset_payload(
    dataset: pb.Dataset,
    document: pb.DatasetDocument,
    left_out: Sequence[LeftOut],
    advice: pb.GetRecommendationsResponse,
) -> dict[str, object]:
    """Returns the result of a command that made a dataset, for programs."""
    reasons = _rejections(document)
    return {
        "dataset_id": dataset.dataset_id,
        "version": dataset.version,
        "digest": dataset.digest,
        "language_code": dataset.language_code,
        "summary": json_format.MessageToDict(
            dataset.summary,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
        ),
        "recordings": [
            {
                "recording_id": each.recording_id,
                "display_name": each.display_name,
                "duration_seconds": each.duration_seconds,
                "kept_seconds": each.kept_seconds,
                "rejected_seconds": each.rejected_seconds,
                "silence_seconds": each.silence_seconds,
                "other_sound_seconds": each.other_sound_seconds,
                "missing_seconds": each.missing_seconds,
                "rejections": reasons[each.recording_id],
            }
            for each in document.recordings
        ],
        "left_out": left_out_payload(left_out),
        "recommendations": [
            {"code": each.code, "message": each.message} for each in advice.recommendations
        ],
    }


def dataset_tables(
    dataset: pb.Dataset,
    document: pb.DatasetDocument,
    left_out: Sequence[LeftOut],
    advice: pb.GetRecommendationsResponse,
    output: Path,
) -> Iterator[RenderableType]:
    """Yields the same for people."""
    yield _recordings_table(dataset, document, left_out)
    for each in advice.recommendations:
        yield Text(f"• {each.message}")
    yield Text(f"Dataset {dataset.dataset_id} version {dataset.version}, {dataset.digest}")
    yield Text(printable(str(output / "report.html")))


def _recordings_table(
    dataset: pb.Dataset, document: pb.DatasetDocument, left_out: Sequence[LeftOut]
) -> Table:
    table = Table(title=f"Dataset {dataset.dataset_id}", title_justify="left")
    table.add_column("Recording", overflow="fold")
    for heading in ("Duration", "Kept", "Rejected"):
        table.add_column(heading, justify="right")
    table.add_column("Why", overflow="fold")
    reasons = _rejections(document)
    for each in sorted(document.recordings, key=lambda recording: recording.display_name):
        costs = sorted(reasons[each.recording_id].items(), key=lambda item: -item[1])
        table.add_row(
            Text(printable(each.display_name)),
            clock(each.duration_seconds),
            clock(each.kept_seconds),
            clock(each.rejected_seconds),
            Text(", ".join(f"{code} {clock(seconds)}" for code, seconds in costs[:MAX_REASONS])),
        )
    for missing in left_out:
        table.add_row(
            Text(printable(missing.display_name)), "", "", "", Text(f"left out: {missing.message}")
        )
    summary = dataset.summary
    table.add_section()
    table.add_row(
        Text(f"{summary.kept_count} clips kept, {summary.rejected_count} rejected"),
        clock(summary.input_seconds),
        clock(summary.kept_seconds),
        clock(summary.rejected_seconds),
        Text(f"{summary.validation_count} clips held out for validation"),
    )
    return table


def _rejections(document: pb.DatasetDocument) -> defaultdict[str, dict[str, float]]:
    """Returns for each recording what each reason cost, in seconds."""
    costs: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for clip in document.clips:
        for code in {reason.code for reason in clip.reasons}:
            of_recording = costs[clip.recording_id]
            seconds = clip.end_seconds - clip.start_seconds
            of_recording[code] = of_recording.get(code, 0.0) + seconds
    return costs
