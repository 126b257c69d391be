"""Which words of the subtitles each clip gets."""

import pytest

from services.transcription.cuts import Cut
from services.transcription.recognition import Recognition
from services.transcription.subtitle_alignment import aligned_texts
from services.transcription.subtitles import Cue
from tests.unit.transcription.hearing import heard

FIRST = "the quick brown fox jumps"
SECOND = "over the very lazy dog"


def clip(text: str, start: float, end: float) -> tuple[Cut, Recognition]:
    return Cut(f"r-{start}", start, end), heard(text, start=start + 0.2, end=end - 0.2)


CLIPS = [clip(FIRST, 1, 4), clip(SECOND, 5, 8)]


def texts(*cues: Cue) -> list[str]:
    return aligned_texts(cues, CLIPS, language="en")


def test_each_clip_gets_its_words_as_they_are_written() -> None:
    found = texts(Cue(1, 4, "The quick, brown fox jumps"), Cue(5, 8, "over the very lazy dog!"))
    assert found == ["The quick, brown fox jumps", "over the very lazy dog!"]


def test_a_cue_over_two_clips_is_divided_between_them() -> None:
    assert texts(Cue(1, 8, f"{FIRST} {SECOND}")) == [FIRST, SECOND]


@pytest.mark.parametrize("shift", [-3.0, 2.0, 20.0])
def test_cues_that_are_all_shifted_in_time_still_find_their_clips(shift: float) -> None:
    assert texts(Cue(1 + shift, 4 + shift, FIRST), Cue(5 + shift, 8 + shift, SECOND)) == [
        FIRST,
        SECOND,
    ]


def test_a_misheard_word_is_written_as_in_the_subtitles() -> None:
    assert texts(Cue(1, 4, FIRST.replace("fox", "vox")), Cue(5, 8, SECOND))[0] == (
        "the quick brown vox jumps"
    )


def test_a_word_nobody_heard_goes_where_its_time_lies() -> None:
    found = texts(Cue(1, 4, f"{FIRST} indeed"), Cue(5, 8, SECOND))
    assert found == [f"{FIRST} indeed", SECOND]


def test_what_is_said_outside_all_clips_is_dropped() -> None:
    found = texts(
        Cue(1, 4, FIRST), Cue(5, 8, SECOND), Cue(20, 25, "somebody else says something here")
    )
    assert found == [FIRST, SECOND]


def test_a_wrong_cue_replaces_the_words_of_its_clip_only() -> None:
    found = texts(Cue(1, 4, "buy this wonderful product today"), Cue(5, 8, SECOND))
    assert found == ["buy this wonderful product today", SECOND]


def test_a_hyphenated_word_that_is_heard_in_two_stays_one() -> None:
    clips = [clip("please re enter it", 0, 3)]
    assert aligned_texts([Cue(0, 3, "Please re-enter it")], clips, language="en") == [
        "Please re-enter it"
    ]


def test_without_cues_no_clip_has_words() -> None:
    assert texts() == ["", ""]
