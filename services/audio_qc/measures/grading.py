"""Grading: what was measured, held against thresholds, becomes a verdict with reasons."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is rejected."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of a recording or a clip; None for what was not measured."""

    sample_rate_hertz: int
    duration_seconds: float
    snr_decibels: float
    clipped_ratio: float
    speech_ratio: float
    integrated_loudness_lufs: float
    true_peak_dbtp: float
    effective_bandwidth_hertz: float
    dc_offset_ratio: float
    noise_floor_dbfs: float
    dnsmos_overall: float | None = None
    dnsmos_signal: float | None = None
    dnsmos_background: float | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is needed for training; the units are those of the measures."""

    min_sample_rate_hertz: int
    min_snr_decibels: float
    max_clipped_ratio: float
    min_speech_ratio: float
    min_loudness_lufs: float
    min_bandwidth_hertz: float
    max_dc_offset_ratio: float
    min_dnsmos_overall: float


def shortcomings(measures: Measures, needed: Thresholds) -> list[Reason]:
    """Returns every reason to reject, in a fixed order; none means accepted."""
    if measures.speech_ratio <= 0:
        return [Reason("NO_SPEECH", "No speech was found.")]
    checks = (
        _Check("LOW_SAMPLE_RATE", "The sample rate", "Hz", 0).at_least(
            needed.min_sample_rate_hertz, measures.sample_rate_hertz
        ),
        _Check("LOW_SNR", "The signal-to-noise ratio", "dB", 1).at_least(
            needed.min_snr_decibels, measures.snr_decibels
        ),
        _Check("CLIPPED", "The share of clipped samples", "%", 3).at_most(
            100 * needed.max_clipped_ratio, 100 * measures.clipped_ratio
        ),
        _Check("LITTLE_SPEECH", "The share of speech", "%", 1).at_least(
            100 * needed.min_speech_ratio, 100 * measures.speech_ratio
        ),
        _Check("TOO_QUIET", "The loudness", "LUFS", 1).at_least(
            needed.min_loudness_lufs, measures.integrated_loudness_lufs
        ),
        _Check("LOW_BANDWIDTH", "The bandwidth of the speech", "Hz", 0).at_least(
            needed.min_bandwidth_hertz, measures.effective_bandwidth_hertz
        ),
        _Check("DC_OFFSET", "The DC offset", "% of full scale", 2).at_most(
            100 * needed.max_dc_offset_ratio, 100 * abs(measures.dc_offset_ratio)
        ),
        _Check("LOW_QUALITY", "The predicted listening quality (DNSMOS)", "of 5", 2).at_least(
            needed.min_dnsmos_overall, measures.dnsmos_overall
        ),
    )
    return [reason for reason in checks if reason]


@dataclass(frozen=True, slots=True)
class _Check:
    """One measure, and how to speak of it."""

    code: str
    name: str
    unit: str
    digits: int

    def at_least(self, limit: float, value: float | None) -> Reason | None:
        if value is None or value >= limit:
            return None
        return self._reason(value, f"at least {limit:g} is needed")

    def at_most(self, limit: float, value: float) -> Reason | None:
        if value <= limit:
            return None
        return self._reason(value, f"at most {limit:g} is allowed")

    def _reason(self, value: float, limit: str) -> Reason:
        return Reason(self.code, f"{self.name} is {value:.{self.digits}f} {self.unit}; {limit}.")
