"""Warnings that a container alone can give."""

from dataclasses import replace

import pytest

from services.media.contents import Contents, Stream
from services.media.quality import warnings_on

GOOD = Stream(
    index=1,
    kind="audio",
    codec="aac",
    duration_seconds=60.0,
    bit_rate=128_000,
    sample_rate_hertz=48_000,
    channel_count=2,
)


def reasons(*streams: Stream, duration_seconds: float = 60.0, guessed: bool = False) -> list[str]:
    contents = Contents("mov", duration_seconds, 0, 1, streams, duration_is_estimated=guessed)
    return [warning.reason for warning in warnings_on(contents)]


def test_a_good_recording_has_no_warning() -> None:
    assert reasons(GOOD) == []


def test_a_video_without_sound_is_told_first() -> None:
    assert reasons(Stream(index=0, kind="video")) == ["NO_AUDIO_STREAM"]


@pytest.mark.parametrize(("hertz", "expected"), [(8000, True), (22_049, True), (22_050, False)])
def test_a_sample_rate_below_that_of_the_models_is_low(hertz: int, expected: bool) -> None:
    assert ("LOW_SAMPLE_RATE" in reasons(replace(GOOD, sample_rate_hertz=hertz))) == expected


@pytest.mark.parametrize(
    ("codec", "bit_rate", "expected"),
    [
        ("aac", 40_000, True),
        ("aac", 64_000, False),
        ("mp3", 64_000, True),
        ("mp2", 100_000, True),
        ("opus", 40_000, False),
        ("flac", 10_000, False),
        ("pcm_s16le", 10_000, False),
        ("aac", 0, False),
    ],
)
def test_a_low_bit_rate_counts_per_channel_and_codec(
    codec: str, bit_rate: int, expected: bool
) -> None:
    found = reasons(replace(GOOD, codec=codec, bit_rate=bit_rate))
    assert ("LOW_BIT_RATE" in found) == expected


def test_several_tracks_name_the_one_that_is_taken() -> None:
    second = replace(GOOD, index=2, language_code="de", is_default=True)
    contents = Contents("mov", 60.0, 0, 1, (GOOD, second))
    (warning,) = warnings_on(contents)
    assert warning.reason == "SEVERAL_AUDIO_TRACKS"
    assert "stream 2 (de) is taken" in warning.message


def test_sound_that_ends_before_the_file_does_is_told() -> None:
    assert reasons(GOOD, duration_seconds=75.0) == ["DURATION_MISMATCH"]
    assert reasons(GOOD, duration_seconds=60.9) == []


def test_durations_that_nobody_knows_are_told() -> None:
    assert reasons(GOOD, duration_seconds=0.0) == ["UNKNOWN_DURATION"]
    assert reasons(GOOD, guessed=True) == ["ESTIMATED_DURATION"]
