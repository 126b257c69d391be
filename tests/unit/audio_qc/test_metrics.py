"""What is counted of clips."""

from dataclasses import replace

from services.audio_qc.chunking import Range
from services.audio_qc.clips import Clip
from services.audio_qc.measures.grading import Measures, Reason
from services.audio_qc.metrics import count_clips
from tests.counted import counting

MEASURES = Measures(
    sample_rate_hertz=24_000,
    duration_seconds=4,
    snr_decibels=33,
    clipped_ratio=0,
    speech_ratio=0.8,
    integrated_loudness_lufs=-20,
    true_peak_dbtp=-3,
    effective_bandwidth_hertz=12_000,
    dc_offset_ratio=0,
    noise_floor_dbfs=-60,
)


def clip(*codes: str, dnsmos: float | None = None) -> Clip:
    measures = replace(MEASURES, dnsmos_overall=dnsmos)
    return Clip(Range(0, 96_000), "", measures, [Reason(code, "") for code in codes])


def test_clips_and_seconds_are_counted_by_verdict() -> None:
    with counting() as counted:
        count_clips([clip(dnsmos=3.1), clip(dnsmos=3.2), clip("LOW_SNR")])
    assert counted("ttstrainer_audio_qc_clips_total", verdict="accepted") == 2
    assert counted("ttstrainer_audio_qc_clips_total", verdict="rejected") == 1
    assert counted("ttstrainer_audio_qc_clip_seconds_total", verdict="accepted") == 8
    assert counted("ttstrainer_audio_qc_clip_seconds_total", verdict="rejected") == 4


def test_a_clip_with_two_reasons_counts_in_both() -> None:
    with counting() as counted:
        count_clips([clip("LOW_SNR", "MUSIC"), clip("MUSIC")])
    assert counted("ttstrainer_audio_qc_rejected_clips_total", reason="LOW_SNR") == 1
    assert counted("ttstrainer_audio_qc_rejected_clips_total", reason="MUSIC") == 2
    assert counted("ttstrainer_audio_qc_rejected_clips_total", reason="CLIPPED") == 0


def test_quality_is_observed_where_it_was_rated() -> None:
    with counting() as counted:
        count_clips([clip(dnsmos=3.1), clip("LOW_SNR")])
    name = "ttstrainer_audio_qc_clip_dnsmos_score"
    assert counted(f"{name}_count", verdict="accepted") == 1
    assert counted(f"{name}_bucket", verdict="accepted", le="3.25") == 1
    assert counted(f"{name}_bucket", verdict="accepted", le="3.0") == 0
    assert counted(f"{name}_count", verdict="rejected") == 0
    assert counted("ttstrainer_audio_qc_clip_snr_decibels_sum", verdict="accepted") == 33
    assert counted("ttstrainer_audio_qc_clip_snr_decibels_count", verdict="rejected") == 1
