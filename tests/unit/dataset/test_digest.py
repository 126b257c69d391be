from dataclasses import replace

from services.dataset.candidate import Measures
from services.dataset.digest import dataset_digest
from tests.unit.dataset.clips import clip, recording

CLIPS = recording("a", 1)


def test_the_digest_does_not_depend_on_order_or_measures() -> None:
    shuffled = [replace(c, measures=Measures(), speaker_id="x") for c in reversed(CLIPS)]
    assert dataset_digest(CLIPS, set()) == dataset_digest(shuffled, set())


def test_the_digest_covers_samples_text_split_and_range() -> None:
    first, *rest = CLIPS
    changed = [
        dataset_digest([replace(first, pcm_sha256="0" * 64), *rest], set()),
        dataset_digest([replace(first, text="Other."), *rest], set()),
        dataset_digest([replace(first, end_sample=first.end_sample + 1), *rest], set()),
        dataset_digest([replace(first, recording_id="b"), *rest], set()),
        dataset_digest([replace(first, sample_rate_hertz=22_050), *rest], set()),
        dataset_digest(CLIPS, {first.clip_id}),
        dataset_digest(rest, set()),
    ]
    assert len({dataset_digest(CLIPS, set()), *changed}) == len(changed) + 1


def test_the_form_of_a_digest() -> None:
    digest = dataset_digest([clip()], set())
    assert digest.startswith("sha256:")
    assert len(digest) == len("sha256:") + 64
