from dataclasses import replace

from services.dataset.candidate import Reason
from services.dataset.reviews import kept_as, rejected_for, reviews_in, with_reviews
from tests.unit.dataset.clips import clip

WRONG = Reason("transcription", "LOW_CONFIDENCE", "")


def test_a_review_survives_a_rebuild() -> None:
    kept, rejected = clip("a", 0, reasons=(WRONG,)), clip("a", 10)
    reviews = reviews_in([kept_as(kept, "As I heard it."), rejected_for(rejected, "A cough.")])
    again = with_reviews([kept, rejected, clip("a", 20)], reviews)
    assert [(c.kept, c.text) for c in again[:2]] == [
        (True, "As I heard it."),
        (False, rejected.text),
    ]
    assert again[1].reasons[0].message == "A cough."
    assert not again[2].reviewed


def test_a_review_does_not_hold_for_other_samples() -> None:
    before = clip("a", 0)
    reviews = reviews_in([rejected_for(before, "A cough.")])
    (after,) = with_reviews([replace(before, pcm_sha256="0" * 64)], reviews)
    assert after.kept
