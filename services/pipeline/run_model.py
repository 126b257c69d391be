"""What a run is: plain frozen values that the flow computes with and the store keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

__all__ = [
    "METHODS",
    "RECORDING_STAGES",
    "BuiltDataset",
    "Failure",
    "Options",
    "Recording",
    "Results",
    "Run",
    "Snapshot",
    "Stage",
    "State",
    "Step",
    "StepRef",
]


class State(StrEnum):
    """Where a run, or one recording's way through it, stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """The steps, in order; all but the last are taken by each recording."""

    PROBE = "probe"
    EXTRACT = "extract"
    PREPARE = "prepare"
    TRANSCRIBE = "transcribe"
    VERIFY = "verify"
    BUILD = "build"


RECORDING_STAGES = tuple(stage for stage in Stage if stage is not Stage.BUILD)

METHODS: Mapping[Stage, str] = {
    Stage.PROBE: "ttstrainer.media.v1.MediaService.ProbeMedia",
    Stage.EXTRACT: "ttstrainer.media.v1.MediaService.ExtractAudio",
    Stage.PREPARE: "ttstrainer.audio_qc.v1.AudioQcService.PrepareAudio",
    Stage.TRANSCRIBE: "ttstrainer.transcription.v1.TranscriptionService.TranscribeAudio",
    Stage.VERIFY: "ttstrainer.transcription.v1.TranscriptionService.VerifyTranscript",
    Stage.BUILD: "ttstrainer.dataset.v1.DatasetService.BuildDataset",
}


@dataclass(frozen=True, slots=True)
class StepRef:
    """Names one attempt at one step of one run, in commands and in the facts that answer them."""

    run_id: str
    stage: Stage
    recording_id: str
    """Empty for the step of the run as a whole."""
    attempt: int

    @property
    def step_id(self) -> str:
        """The name of the step inside its run, made of letters, digits and dashes."""
        return f"{self.stage}-{self.recording_id}" if self.recording_id else str(self.stage)

    @classmethod
    def parse(cls, run_id: str, step_id: str, attempt: int) -> "StepRef":
        """Reads a `step_id` back; raises ValueError for a step that is none of ours."""
        stage, _, recording_id = step_id.partition("-")
        return cls(run_id, Stage(stage), recording_id, attempt)


@dataclass(frozen=True, slots=True)
class Step:
    """How often a step was tried, and what came of it."""

    attempt: int = 1
    """Grows with every try, whoever asked for it."""
    automatic_retry_count: int = 0
    """Tries since the step began, or since a person asked for another."""
    queued: bool = False
    """True once the command of this attempt is known to be on the queue."""
    detail: str = ""
    """What came of it, in a few words for people."""

    def again(self) -> "Step":
        """The next attempt, asked for by the flow itself."""
        retries = self.automatic_retry_count + 1
        return Step(attempt=self.attempt + 1, automatic_retry_count=retries)

    def afresh(self) -> "Step":
        """The next attempt, asked for by a person: automatic retries count from zero."""
        return Step(attempt=self.attempt + 1)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a recording was left out, or a run ended without a dataset."""

    reason: str
    """In UPPER_SNAKE_CASE."""
    message: str
    """What went wrong and what to do."""
    stage: Stage


@dataclass(frozen=True, slots=True)
class Results:
    """What the steps of a recording left behind for the steps after them."""

    duration_seconds: float = 0.0
    """What the container says, or what was extracted where it says nothing."""
    missing_seconds: float = 0.0
    extracted_audio_uri: str = ""
    prepared_audio_uri: str = ""
    clips_uri: str = ""
    speaker_embedding: tuple[float, ...] = ()
    transcript_uri: str = ""
    language_code: str = ""
    verdicts_uri: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording's way through a run."""

    recording_id: str
    display_name: str
    subtitles_uri: str = ""
    state: State = State.RUNNING
    stage: Stage = Stage.PROBE
    """The stage it is in, or the one it ended in."""
    steps: tuple[Step, ...] = (Step(),) * len(RECORDING_STAGES)
    """One for each of RECORDING_STAGES."""
    results: Results = field(default_factory=Results)
    failure: Failure | None = None

    @property
    def step(self) -> Step:
        """The step of the present stage."""
        return self.steps[RECORDING_STAGES.index(self.stage)]

    def with_step(self, step: Step) -> "Recording":
        """The recording with the step of its present stage replaced."""
        place = RECORDING_STAGES.index(self.stage)
        return replace(self, steps=(*self.steps[:place], step, *self.steps[place + 1 :]))


@dataclass(frozen=True, slots=True)
class Options:
    """How a run works; a zero or an empty text means the setting of the service concerned."""

    language_code: str = ""
    model: str = ""
    sample_rate_hertz: int = 0
    noise_reduction: str = ""
    min_clip_seconds: float = 0.0
    max_clip_seconds: float = 0.0
    reference_audio_uri: str = ""
    validation_ratio: float = 0.0
    min_success_ratio: float = 0.0
    track_language_code: str = ""


@dataclass(frozen=True, slots=True)
class BuiltDataset:
    """The dataset version that a run ended with."""

    dataset_id: str
    version: int
    digest: str
    kept_count: int
    kept_seconds: float
    rejected_count: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run without its recordings, which are kept apart so that they do not contend."""

    run_id: str
    voice: str
    options: Options
    create_time: datetime
    recording_ids: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What whoever started it should know, such as a file that was named twice."""
    state: State = State.RUNNING
    build: Step = field(default_factory=Step)
    end_time: datetime | None = None
    failure: Failure | None = None
    dataset: BuiltDataset | None = None
    announced: State | None = None
    """The state that was last told to the world, so that no announcement is lost."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run with its recordings, in the order of `Run.recording_ids`."""

    run: Run
    recordings: tuple[Recording, ...]

    def count(self, state: State) -> int:
        """How many recordings are in `state`."""
        return sum(1 for recording in self.recordings if recording.state is state)
