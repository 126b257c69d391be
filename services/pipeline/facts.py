"""What workers tell the flow: each fact names the step that it answers."""

from dataclasses import dataclass

from services.pipeline.run_model import BuiltDataset, StepRef

__all__ = [
    "AudioTrack",
    "Built",
    "Extracted",
    "Fact",
    "Failed",
    "Outcome",
    "Prepared",
    "Probed",
    "Queued",
    "Transcribed",
    "Verified",
]


@dataclass(frozen=True, slots=True)
class Queued:
    """The command is on the queue."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A worker gave the step up."""

    reason: str
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One audio track of a container."""

    codec: str
    sample_rate_hertz: int
    channel_count: int


@dataclass(frozen=True, slots=True)
class Probed:
    """What is inside a recording."""

    container: str
    """The container's short name; the first where it has several."""
    duration_seconds: float
    audio_tracks: tuple[AudioTrack, ...]


@dataclass(frozen=True, slots=True)
class Extracted:
    """A recording's audio was taken out."""

    audio_uri: str
    sample_rate_hertz: int
    sample_count: int
    missing_seconds: float

    @property
    def duration_seconds(self) -> float:
        """The duration of the audio."""
        return self.sample_count / self.sample_rate_hertz if self.sample_rate_hertz else 0.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recording was cut into clips."""

    audio_uri: str
    clips_uri: str
    accepted_count: int
    rejected_count: int
    accepted_seconds: float
    speech_seconds: float
    speaker_embedding: tuple[float, ...]
    top_reasons: tuple[str, ...] = ()
    """Why clips were rejected, the commonest first; known where none was accepted."""


@dataclass(frozen=True, slots=True)
class Transcribed:
    """A recording's clips were written down."""

    transcript_uri: str
    language_code: str
    word_count: int


@dataclass(frozen=True, slots=True)
class Verified:
    """The texts of a recording got verdicts."""

    verdicts_uri: str
    accepted_count: int
    rejected_count: int
    top_reasons: tuple[str, ...] = ()
    """Why texts were rejected, the commonest first; known where none was accepted."""


@dataclass(frozen=True, slots=True)
class Built:
    """The dataset was built."""

    dataset: BuiltDataset


Outcome = Queued | Failed | Probed | Extracted | Prepared | Transcribed | Verified | Built


@dataclass(frozen=True, slots=True)
class Fact:
    """What came of one attempt at one step."""

    step: StepRef
    outcome: Outcome
