import random

import pytest

from services.dataset.candidate import Candidate, Reason
from services.dataset.curation import Thresholds, clean_text, curate
from tests.unit.dataset.clips import clip, recording

THRESHOLDS = Thresholds(
    min_confidence=0.6,
    min_dnsmos=2.2,
    min_snr_decibels=12.0,
    max_text_characters=60,
    rate_fence_width=2.0,
)


def codes(candidate: Candidate) -> list[str]:
    return [reason.code for reason in candidate.reasons]


def test_a_good_clip_is_kept() -> None:
    (judged,) = curate([clip()], THRESHOLDS)
    assert judged.kept


@pytest.mark.parametrize(
    ("candidate", "code"),
    [
        (clip(text=""), "NO_TEXT"),
        (clip(text="... !"), "UNSPEAKABLE"),
        (clip(confidence=0.59), "LOW_CONFIDENCE"),
        (clip(text="far too long " * 10), "TEXT_TOO_LONG"),
        (clip(dnsmos=2.1), "LOW_DNSMOS"),
        (clip(snr=11.9), "LOW_SNR"),
    ],
)
def test_a_bad_clip_is_rejected_with_its_reason(candidate: Candidate, code: str) -> None:
    (judged,) = curate([candidate], THRESHOLDS)
    assert codes(judged) == [code]


def test_a_measure_that_was_not_taken_rejects_nothing() -> None:
    (judged,) = curate([clip(dnsmos=0.0, snr=0.0)], THRESHOLDS)
    assert judged.kept


def test_a_clip_that_audio_qc_rejected_is_not_blamed_for_having_no_text() -> None:
    noisy = clip(text="", confidence=0, reasons=(Reason("audio-qc", "NOISY", "Too noisy."),))
    (judged,) = curate([noisy], THRESHOLDS)
    assert codes(judged) == ["NOISY"]


def test_of_clips_with_the_same_samples_the_first_is_kept() -> None:
    twins = [clip("b", samples="same"), clip("a", samples="same"), clip("a", 10, samples="same")]
    judged = curate(twins, THRESHOLDS)
    assert [(c.clip_id, codes(c)) for c in judged] == [
        ("a-0", []),
        ("a-240000", ["DUPLICATE"]),
        ("b-0", ["DUPLICATE"]),
    ]


def test_a_rejected_twin_does_not_push_the_good_one_out() -> None:
    bad = clip("a", samples="same", reasons=(Reason("transcription", "CUT_WORD", "Cut."),))
    judged = curate([bad, clip("b", samples="same")], THRESHOLDS)
    assert [c.kept for c in judged] == [False, True]


def test_speech_far_outside_the_run_s_rate_is_rejected() -> None:
    usual = [clip("a", 6 * n, rate=13 + n % 5) for n in range(40)]
    judged = curate([*usual, clip("b", 0, rate=45), clip("b", 6, rate=0.5)], THRESHOLDS)
    assert [codes(c) for c in judged if c.recording_id == "b"] == [["SPEECH_RATE"]] * 2
    assert all(c.kept for c in judged if c.recording_id == "a")


def test_fences_need_enough_clips() -> None:
    judged = curate([clip("a", 6 * n) for n in range(5)] + [clip("b", rate=99)], THRESHOLDS)
    assert all(c.kept for c in judged)


def test_recordings_of_another_speaker_stay_out() -> None:
    judged = curate([clip("a"), clip("b")], THRESHOLDS, {"b": 0.31})
    assert [codes(c) for c in judged] == [[], ["OTHER_SPEAKER_RECORDING"]]
    assert "0.31" in judged[1].reasons[0].message


def test_the_order_of_the_clips_does_not_matter() -> None:
    clips = recording("a", 3) + recording("b", 2) + [clip("c", samples="a/0")]
    shuffled = random.Random(7).sample(clips, len(clips))  # noqa: S311 - a test's shuffle
    assert curate(shuffled, THRESHOLDS) == curate(clips, THRESHOLDS)


def test_texts_lose_control_characters_and_runs_of_spaces() -> None:
    assert clean_text(" a\u200b \n\tb\x00 e\u0301 ") == "a b é"
