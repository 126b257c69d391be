"""What people read of a step."""

import pytest

from services.pipeline.details import clock, detail_of
from services.pipeline.facts import (
    AudioTrack,
    Extracted,
    Failed,
    Outcome,
    Prepared,
    Probed,
    Transcribed,
    Verified,
)
from services.pipeline.run_model import Stage
from tests.fakes.pipeline import SUCCESSES

MONO = AudioTrack("opus", 16_000, 1)


@pytest.mark.parametrize(
    ("outcome", "detail"),
    [
        (SUCCESSES[Stage.PROBE], "mov, aac 48 kHz stereo, 12:03"),
        (Probed("webm", 0.0, (MONO, MONO)), "webm, opus 16 kHz mono, 2 audio tracks"),
        (Probed("mp4", 5.0, ()), "mp4, no audio, 0:05"),
        (SUCCESSES[Stage.EXTRACT], "12:03 of audio, 48 kHz"),
        (
            Extracted("artifact://x", 44_100, 44_100, 2.5),
            "0:01 of audio, 44.1 kHz, 2.5 s could not be decoded",
        ),
        (SUCCESSES[Stage.PREPARE], "41 clips, 3 rejected, 8:12 of speech"),
        (Prepared("u", "v", 1, 0, 3.0, 3.0, ()), "1 clip, 0 rejected, 0:03 of speech"),
        (SUCCESSES[Stage.TRANSCRIBE], "1,204 words, en"),
        (Transcribed("u", "", 1), "1 word"),
        (Verified("u", 38, 3), "38 of 41 trusted"),
        (SUCCESSES[Stage.BUILD], "version 1: 36 clips, 8:00 kept, 5 rejected"),
        (Failed("X", "y", retryable=False), ""),
    ],
)
def test_a_step_is_told_in_a_few_words(outcome: Outcome, detail: str) -> None:
    assert detail_of(outcome) == detail


def test_long_durations_have_hours() -> None:
    assert clock(3723.4) == "1:02:03"
