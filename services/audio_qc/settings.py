"""What the service audio-qc can be told."""

from typing import ClassVar, Literal

from pydantic import Field

from services.audio_qc.measures.grading import Thresholds
from services.chassis.settings import ServiceSettings


class AudioQcSettings(ServiceSettings):
    """Settings of audio-qc: TTSTRAINER_AUDIO_QC_<FIELD>."""

    service_name: ClassVar[str] = "audio-qc"

    port: int = Field(50052, ge=0, le=65535)
    """The port gRPC is served on; 0 for a free one."""
    metrics_port: int = Field(9052, ge=0, le=65535)
    """The port Prometheus reads; 0 for a free one."""
    inference_threads: int = Field(1, ge=1)
    """Threads that one model uses for one computation; more of them help only on idle cores."""
    sample_rate_hertz: Literal[22050, 24000] = 24000
    """The sample rate of prepared audio when a request names none."""
    target_loudness_lufs: float = Field(-20.0, ge=-40, le=-10)
    """The loudness of the speech in prepared audio."""
    true_peak_ceiling_dbtp: float = Field(-1.0, ge=-20, le=0)
    """The highest true peak in prepared audio; the gain is lowered to keep it."""
    noise_reduction: Literal["none", "spectral", "neural"] = "none"
    """Noise reduction when a request asks for none in particular."""
    min_clip_seconds: float = Field(2.0, ge=0.5, le=30)
    """The shortest clip to keep."""
    max_clip_seconds: float = Field(11.5, ge=1, le=60)
    """The longest clip to make."""
    max_pause_seconds: float = Field(1.0, ge=0.1, le=5)
    """Speech is not joined into one clip over longer pauses."""
    clip_padding_seconds: float = Field(0.15, ge=0, le=0.2)
    """How much of the pause before and after it a clip keeps, at most."""
    max_duration_seconds: float = Field(12 * 3600, gt=0)
    """Longer recordings are refused."""
    max_rated_windows: int = Field(12, ge=1)
    """How many windows of 9 s DNSMOS rates to grade a whole recording."""
    min_sample_rate_hertz: int = Field(16000, ge=8000)
    """The lowest sample rate of a recording."""
    min_snr_decibels: float = 15.0
    """The lowest signal-to-noise ratio."""
    max_clipped_ratio: float = Field(0.001, ge=0, le=1)
    """The highest share of clipped samples."""
    min_speech_ratio: float = Field(0.05, ge=0, le=1)
    """The lowest share of speech in a recording."""
    min_clip_speech_ratio: float = Field(0.4, ge=0, le=1)
    """The lowest share of speech in a clip."""
    min_loudness_lufs: float = -50.0
    """The lowest loudness of a recording."""
    max_quieter_lu: float = Field(15.0, gt=0)
    """How much quieter than all of the speech a clip may be."""
    min_bandwidth_hertz: float = 5000.0
    """The lowest effective bandwidth: a telephone passes 3,400 to 4,000 Hz."""
    max_dc_offset_ratio: float = Field(0.05, ge=0, le=1)
    """The largest DC offset of a recording, as a share of full scale."""
    min_dnsmos_overall: float = Field(2.0, ge=0, le=5)
    """The lowest overall DNSMOS P.835 score."""
    min_speaker_similarity: float = Field(0.5, ge=-1, le=1)
    """The lowest cosine similarity of one voice: recorded prompts of one person have 0.55 to 0.9
    with that person's mean, those of another one up to 0.48."""
    max_overlap_ratio: float = Field(0.05, ge=0, le=1)
    """The highest share of a clip in which two people speak at once."""
    max_music_ratio: float = Field(0.3, ge=0, le=1)
    """The highest share of a clip with music or singing."""

    def recording_thresholds(self, min_sample_rate_hertz: int = 0) -> Thresholds:
        """Returns what a recording needs; a rate other than zero replaces the setting."""
        return Thresholds(
            min_sample_rate_hertz=min_sample_rate_hertz or self.min_sample_rate_hertz,
            min_snr_decibels=self.min_snr_decibels,
            max_clipped_ratio=self.max_clipped_ratio,
            min_speech_ratio=self.min_speech_ratio,
            min_loudness_lufs=self.min_loudness_lufs,
            min_bandwidth_hertz=self.min_bandwidth_hertz,
            max_dc_offset_ratio=self.max_dc_offset_ratio,
            min_dnsmos_overall=self.min_dnsmos_overall,
        )
