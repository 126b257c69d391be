"""The plan of a preparation: every setting resolved, before any work is done."""

from dataclasses import asdict, dataclass

from services.audio_qc.chunking import Limits
from services.audio_qc.measures.grading import Thresholds


@dataclass(frozen=True, slots=True)
class Plan:
    """What PrepareAudio was asked for; it decides the result together with the sound."""

    sample_rate_hertz: int
    target_loudness_lufs: float
    true_peak_ceiling_dbtp: float
    noise_reduction: str
    """"none", "spectral" or "neural"."""
    min_clip_seconds: float
    max_clip_seconds: float
    max_pause_seconds: float
    clip_padding_seconds: float
    max_rated_windows: int
    max_quieter_lu: float
    """How much quieter than the speech as a whole a clip may be."""
    min_speaker_similarity: float
    max_overlap_ratio: float
    max_music_ratio: float
    recording: Thresholds
    clip: Thresholds

    @property
    def limits(self) -> Limits:
        """The lengths, in samples."""
        rate = self.sample_rate_hertz
        return Limits(
            min_clip=round(self.min_clip_seconds * rate),
            max_clip=round(self.max_clip_seconds * rate),
            max_pause=round(self.max_pause_seconds * rate),
            pad=round(self.clip_padding_seconds * rate),
            sample_rate_hertz=rate,
        )

    def parameters(self) -> dict[str, object]:
        """Returns the plan in values that JSON knows."""
        return asdict(self)
