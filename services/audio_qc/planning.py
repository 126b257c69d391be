"""Planning: a request and the settings together decide what is done."""

from dataclasses import replace

from services.audio_qc.plan import Plan
from services.audio_qc.settings import AudioQcSettings
from services.chassis.errors import InvalidInputError
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb

SAMPLE_RATES_HERTZ = (22050, 24000)
NOISE_REDUCTION = {
    pb.NOISE_REDUCTION_NONE: "none",
    pb.NOISE_REDUCTION_SPECTRAL: "spectral",
    pb.NOISE_REDUCTION_NEURAL: "neural",
}


def plan_of(request: pb.PrepareAudioRequest, settings: AudioQcSettings) -> Plan:
    """Returns the plan; raises InvalidInputError for values that are out of range or disagree."""
    rate = request.sample_rate_hertz or settings.sample_rate_hertz
    if rate not in SAMPLE_RATES_HERTZ:
        _refuse("sample_rate_hertz", f"is {rate}; 22050 and 24000 are possible")
    loudness = request.target_loudness_lufs or settings.target_loudness_lufs
    _check("target_loudness_lufs", loudness, -40, -10)
    ceiling = request.true_peak_ceiling_dbtp or settings.true_peak_ceiling_dbtp
    _check("true_peak_ceiling_dbtp", ceiling, -20, 0)
    shortest = request.min_clip_seconds or settings.min_clip_seconds
    _check("min_clip_seconds", shortest, 0.5, 30)
    longest = request.max_clip_seconds or settings.max_clip_seconds
    _check("max_clip_seconds", longest, 1, 60)
    if longest < 2 * shortest:
        _refuse(
            "max_clip_seconds",
            f"is {longest:g}; it must be at least twice the shortest clip, {shortest:g}, "
            "or speech that is longer could not be divided",
        )
    thresholds = settings.recording_thresholds()
    return Plan(
        sample_rate_hertz=rate,
        target_loudness_lufs=loudness,
        true_peak_ceiling_dbtp=ceiling,
        noise_reduction=NOISE_REDUCTION.get(request.noise_reduction, settings.noise_reduction),
        min_clip_seconds=shortest,
        max_clip_seconds=longest,
        max_pause_seconds=settings.max_pause_seconds,
        clip_padding_seconds=settings.clip_padding_seconds,
        max_rated_windows=settings.max_rated_windows,
        max_quieter_lu=settings.max_quieter_lu,
        min_speaker_similarity=settings.min_speaker_similarity,
        max_overlap_ratio=settings.max_overlap_ratio,
        max_music_ratio=settings.max_music_ratio,
        recording=thresholds,
        clip=replace(thresholds, min_speech_ratio=settings.min_clip_speech_ratio),
    )


def _check(field: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        _refuse(field, f"is {value:g}; it must be from {lowest:g} to {highest:g}")


def _refuse(field: str, problem: str) -> None:
    raise InvalidInputError(f"{field} {problem}.", field=field)
