"""What runs look like on a terminal and in JSON."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gateway.cli.datasets.summary import clock
from gateway.cli.names import printable
from gateway.cli.runs.run_view import STAGE_NAMES, STATE_NAMES
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

STEP_SIGNS = {
    pb.STEP_STATE_UNSPECIFIED: "·",
    pb.STEP_STATE_QUEUED: "…",
    pb.STEP_STATE_RUNNING: "▸",
    pb.STEP_STATE_SUCCEEDED: "✓",
    pb.STEP_STATE_FAILED: "✗",
}


def runs_table(runs: Sequence[pb.Run]) -> Iterator[RenderableType]:
    """Yields runs for people."""
    if not runs:
        yield Text("There are no runs yet: `tts-trainer run-pipeline` starts one.")
        return
    table = Table()
    for heading in ("Run", "Voice", "State", "Recordings", "Kept", "Dataset"):
        table.add_column(heading, overflow="fold")
    for run in runs:
        dataset = run.dataset
        table.add_row(
            run.run_id,
            Text(run.voice),
            _state(run),
            f"{run.succeeded_count} of {run.recording_count}",
            clock(dataset.kept_seconds) if run.HasField("dataset") else "",
            Text(f"{dataset.dataset_id} v{dataset.version}" if run.HasField("dataset") else ""),
        )
    yield table


def run_tables(run: pb.Run) -> Iterator[RenderableType]:
    """Yields one run for people."""
    yield Text(f"Run {run.run_id} for {run.voice}: {_state(run)}")
    if run.recordings:
        table = Table()
        table.add_column("Recording", overflow="fold")
        table.add_column("Stages")
        table.add_column("What came of it", overflow="fold")
        for each in run.recordings:
            table.add_row(Text(printable(each.display_name)), _stages(each), Text(_outcome(each)))
        yield table
    for text in run.attention:
        yield Text(f"Attention: {text}")
    if run.HasField("error"):
        yield Text(f"Error: {run.error.message}")
    if run.HasField("dataset"):
        dataset = run.dataset
        kept = f"{dataset.kept_count} clips, {clock(dataset.kept_seconds)}"
        yield Text(f"Dataset {dataset.dataset_id} version {dataset.version}: {kept}")


def _state(run: pb.Run) -> str:
    state = STATE_NAMES.get(run.state, "unknown")
    return f"{state} {run.progress_ratio:.0%}" if run.state == pb.STATE_RUNNING else state


def _stages(recording: pb.RecordingRun) -> str:
    return " ".join(
        f"{STEP_SIGNS.get(step.state, '?')} {STAGE_NAMES.get(step.stage, '?')}"
        for step in recording.steps
    )


def _outcome(recording: pb.RecordingRun) -> str:
    if recording.HasField("error"):
        return recording.error.message
    return next((step.detail for step in reversed(recording.steps) if step.detail), "")
