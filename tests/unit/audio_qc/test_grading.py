"""Measures become a verdict with reasons a person understands."""

from dataclasses import replace

import pytest

from services.audio_qc.measures.grading import Measures, Thresholds, shortcomings

GOOD = Measures(
    sample_rate_hertz=48_000,
    duration_seconds=60,
    snr_decibels=40,
    clipped_ratio=0,
    speech_ratio=0.8,
    integrated_loudness_lufs=-20,
    true_peak_dbtp=-3,
    effective_bandwidth_hertz=16_000,
    dc_offset_ratio=0,
    noise_floor_dbfs=-60,
    dnsmos_overall=3.2,
)
NEEDED = Thresholds(
    min_sample_rate_hertz=16_000,
    min_snr_decibels=15,
    max_clipped_ratio=0.001,
    min_speech_ratio=0.05,
    min_loudness_lufs=-50,
    min_bandwidth_hertz=5_000,
    max_dc_offset_ratio=0.05,
    min_dnsmos_overall=2,
)


def test_a_good_recording_has_no_shortcomings() -> None:
    assert shortcomings(GOOD, NEEDED) == []


@pytest.mark.parametrize(
    ("measures", "code"),
    [
        (replace(GOOD, sample_rate_hertz=8_000), "LOW_SAMPLE_RATE"),
        (replace(GOOD, snr_decibels=14.9), "LOW_SNR"),
        (replace(GOOD, clipped_ratio=0.0011), "CLIPPED"),
        (replace(GOOD, speech_ratio=0.01), "LITTLE_SPEECH"),
        (replace(GOOD, integrated_loudness_lufs=-51), "TOO_QUIET"),
        (replace(GOOD, effective_bandwidth_hertz=4_000), "LOW_BANDWIDTH"),
        (replace(GOOD, dc_offset_ratio=-0.06), "DC_OFFSET"),
        (replace(GOOD, dnsmos_overall=1.9), "LOW_QUALITY"),
    ],
)
def test_each_measure_can_reject(measures: Measures, code: str) -> None:
    assert [reason.code for reason in shortcomings(measures, NEEDED)] == [code]


def test_a_reason_names_the_value_and_the_threshold() -> None:
    (reason,) = shortcomings(replace(GOOD, snr_decibels=7.26), NEEDED)
    assert reason.message == "The signal-to-noise ratio is 7.3 dB; at least 15 is needed."


def test_values_at_the_threshold_are_accepted() -> None:
    at_limits = replace(GOOD, snr_decibels=15, clipped_ratio=0.001, dc_offset_ratio=-0.05)
    assert shortcomings(at_limits, NEEDED) == []


def test_what_was_not_measured_speaks_against_nothing() -> None:
    assert shortcomings(replace(GOOD, dnsmos_overall=None), NEEDED) == []


def test_without_speech_nothing_else_is_said() -> None:
    nothing = replace(GOOD, speech_ratio=0, snr_decibels=-100, effective_bandwidth_hertz=0)
    assert [reason.code for reason in shortcomings(nothing, NEEDED)] == ["NO_SPEECH"]
