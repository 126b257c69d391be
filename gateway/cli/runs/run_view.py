"""Turns the changes of a run into what a reporter shows."""

from collections import Counter
from collections.abc import Iterable

from gateway.cli.reporter import Reporter
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

STAGE_NAMES = {
    pb.STAGE_PROBE: "probe",
    pb.STAGE_EXTRACT: "extract",
    pb.STAGE_PREPARE: "prepare",
    pb.STAGE_TRANSCRIBE: "transcribe",
    pb.STAGE_VERIFY: "verify",
    pb.STAGE_BUILD: "build",
}
STATE_NAMES = {
    pb.STATE_RUNNING: "running",
    pb.STATE_SUCCEEDED: "succeeded",
    pb.STATE_FAILED: "failed",
    pb.STATE_CANCELLED: "cancelled",
}


class RunView:
    """Follows one run and reports each change once."""

    def __init__(self, reporter: Reporter) -> None:
        """Has seen nothing yet."""
        self.run = pb.Run()
        """The run as last seen, with its recordings."""
        self._reporter = reporter
        self._labels: dict[str, str] = {}
        self._done: set[tuple[str, int, int]] = set()
        self._failed: set[str] = set()
        self._attention: set[str] = set()

    def update(self, change: pb.WatchRunResponse) -> None:
        """Takes in what WatchRun sent."""
        if change.HasField("recording"):
            self._recording(change.recording)
        else:
            self._run(change.run)

    def label(self, recording: pb.RecordingRun) -> str:
        """Returns what a recording is called: its name, with its id where others share it."""
        return self._labels.get(recording.recording_id) or recording.display_name

    def _run(self, run: pb.Run) -> None:
        recordings = list(run.recordings or self.run.recordings)
        if run.recordings:
            self._labels = _labels(run.recordings)
        self.run.CopyFrom(run)
        if not run.recordings:
            self.run.recordings.extend(recordings)
        for recording in run.recordings:
            self._recording(recording)
        for text in run.attention:
            if text not in self._attention:
                self._reporter.note(text)
        self._attention = set(run.attention)
        if run.HasField("build"):
            self._step("dataset", "", run.build)
        self._reporter.overall(run.progress_ratio)

    def _recording(self, recording: pb.RecordingRun) -> None:
        for known in self.run.recordings:
            if known.recording_id == recording.recording_id and known is not recording:
                known.CopyFrom(recording)
        label = self.label(recording)
        for step in recording.steps:
            self._step(label, recording.recording_id, step)
        if recording.state != pb.STATE_FAILED:
            self._failed.discard(recording.recording_id)
        elif recording.recording_id not in self._failed:
            self._failed.add(recording.recording_id)
            error = recording.error
            stage = STAGE_NAMES.get(error.stage, "import")
            self._reporter.failed(label, stage, error.reason, error.message)

    def _step(self, label: str, recording_id: str, step: pb.StepProgress) -> None:
        stage = STAGE_NAMES.get(step.stage, "work")
        key = (recording_id, step.stage, step.attempt)
        if step.state == pb.STEP_STATE_SUCCEEDED and key not in self._done:
            self._done.add(key)
            self._reporter.finished(label, stage, step.detail)
        elif step.state == pb.STEP_STATE_RUNNING:
            self._reporter.progress(label, stage, step.progress_ratio)


def _labels(recordings: Iterable[pb.RecordingRun]) -> dict[str, str]:
    recordings = list(recordings)
    counts = Counter(each.display_name for each in recordings)
    return {
        each.recording_id: each.display_name
        if counts[each.display_name] == 1
        else f"{each.display_name} ({each.recording_id[:8]})"
        for each in recordings
    }
