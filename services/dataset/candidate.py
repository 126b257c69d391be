"""A clip with its text, on its way into a dataset or out of it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a clip is not kept."""

    stage: str
    """Who said so: "audio-qc", "transcription", "dataset" or "review"."""
    code: str
    """A constant in UPPER_SNAKE_CASE."""
    message: str
    """One sentence for people, with the measured value and the threshold."""


@dataclass(frozen=True, slots=True)
class Measures:
    """The numbers a filter looks at; zero where nothing was measured."""

    snr_decibels: float = 0.0
    dnsmos_overall: float = 0.0
    confidence: float = 0.0
    characters_per_second: float = 0.0
    integrated_loudness_lufs: float = 0.0
    speaker_similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One clip: a range of samples of a prepared recording, with what is said in it."""

    clip_id: str
    recording_id: str
    start_sample: int
    end_sample: int
    """One past the last sample."""
    sample_rate_hertz: int
    pcm_sha256: str
    text: str
    speaker_id: str = ""
    measures: Measures = Measures()
    reasons: tuple[Reason, ...] = ()
    reviewed: bool = False

    @property
    def start_seconds(self) -> float:
        """Where it starts in the recording."""
        return self.start_sample / self.sample_rate_hertz

    @property
    def end_seconds(self) -> float:
        """Where it ends in the recording."""
        return self.end_sample / self.sample_rate_hertz

    @property
    def duration_seconds(self) -> float:
        """How long it is."""
        return (self.end_sample - self.start_sample) / self.sample_rate_hertz

    @property
    def kept(self) -> bool:
        """True when nothing speaks against it."""
        return not self.reasons

    def rejected(self, *reasons: Reason) -> "Candidate":
        """Returns the clip with these reasons added."""
        return replace(self, reasons=self.reasons + reasons)


def by_place(candidate: Candidate) -> tuple[str, int]:
    """The order of clips everywhere: by recording, then by time."""
    return candidate.recording_id, candidate.start_sample
