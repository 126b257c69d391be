from hypothesis import given
from hypothesis import strategies as st

from services.dataset.candidate import Candidate
from services.dataset.split import GROUP_SECONDS, validation_clips
from tests.unit.dataset.clips import clip, recording

recordings = st.lists(
    st.tuples(st.text("abcdef0123456789", min_size=4, max_size=4), st.floats(0.2, 8)),
    min_size=1,
    max_size=6,
    unique_by=lambda pair: pair[0],
)
ratios = st.floats(0.02, 0.4)


def clips_of(described: list[tuple[str, float]]) -> list[Candidate]:
    return [c for name, minutes in described for c in recording(name, minutes)]


@given(recordings, ratios)
def test_there_is_always_some_validation_and_some_training(
    described: list[tuple[str, float]], ratio: float
) -> None:
    kept = clips_of(described)
    held_out = validation_clips(kept, ratio)
    if len(kept) > 1:
        assert 0 < len(held_out) < len(kept)


@given(recordings, ratios)
def test_one_minute_of_a_recording_stays_together(
    described: list[tuple[str, float]], ratio: float
) -> None:
    kept = clips_of(described)
    held_out = validation_clips(kept, ratio)
    sides: dict[tuple[str, int], set[bool]] = {}
    for c in kept:
        minute = (c.recording_id, int(c.start_seconds // GROUP_SECONDS))
        sides.setdefault(minute, set()).add(c.clip_id in held_out)
    if len(sides) > 1:
        assert all(len(side) == 1 for side in sides.values())


def test_adding_a_recording_moves_no_clip_of_a_large_dataset() -> None:
    before = [c for n in range(20) for c in recording(f"rec{n}", 5)]
    held_out = validation_clips(before, 0.1)
    grown = validation_clips(before + recording("new", 5), 0.1)
    assert held_out == {clip_id for clip_id in grown if not clip_id.startswith("new")}


def test_a_large_dataset_gets_about_the_share_that_was_asked_for() -> None:
    kept = [c for n in range(40) for c in recording(f"rec{n}", 5)]
    assert 0.06 < len(validation_clips(kept, 0.1)) / len(kept) < 0.14


def test_a_single_minute_is_split_by_clips() -> None:
    held_out = validation_clips(recording("short", 0.9), 0.1)
    assert 1 <= len(held_out) <= 2


def test_a_single_clip_trains() -> None:
    assert validation_clips([clip()], 0.1) == frozenset()
