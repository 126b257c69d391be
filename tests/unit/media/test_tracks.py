"""The choice among audio tracks."""

import pytest

from services.media.contents import Stream
from services.media.tracks import NoSuchTrackError, default_track, track_at, track_in

ENGLISH = Stream(index=1, kind="audio", language_code="en")
BRAZILIAN = Stream(index=2, kind="audio", language_code="pt-BR", is_default=True)
PORTUGUESE = Stream(index=4, kind="audio", language_code="pt")
UNTAGGED = Stream(index=5, kind="audio")
TRACKS = [ENGLISH, BRAZILIAN, PORTUGUESE, UNTAGGED]


def test_the_default_track_is_the_one_marked_so() -> None:
    assert default_track(TRACKS) == BRAZILIAN


def test_without_a_mark_the_first_track_is_the_default() -> None:
    assert default_track([UNTAGGED, ENGLISH]) == UNTAGGED


def test_a_track_is_chosen_by_its_index_in_the_container() -> None:
    assert track_at(TRACKS, 4) == PORTUGUESE


@pytest.mark.parametrize(
    ("language", "track"),
    [("pt", PORTUGUESE), ("por", PORTUGUESE), ("pt-BR", BRAZILIAN), ("pt-PT", BRAZILIAN)],
)
def test_the_same_region_comes_before_another_one(language: str, track: Stream) -> None:
    assert track_in(TRACKS, language) == track


def test_an_untagged_track_is_in_no_language() -> None:
    with pytest.raises(NoSuchTrackError, match=r"ask for one of 5 \(no language\)"):
        track_in([UNTAGGED], "en")


def test_a_wrong_index_is_answered_with_what_there_is() -> None:
    with pytest.raises(NoSuchTrackError, match=r"1 \(en\), 2 \(pt-BR\)"):
        track_at(TRACKS, 0)


def test_nonsense_is_no_language() -> None:
    with pytest.raises(NoSuchTrackError, match="no BCP-47 language tag"):
        track_in(TRACKS, "Klingonese!")


def test_a_recording_without_audio_has_its_own_reason() -> None:
    for choose in (default_track, lambda audio: track_at(audio, 0), lambda a: track_in(a, "en")):
        with pytest.raises(NoSuchTrackError) as raised:
            choose([])
        assert raised.value.reason == "NO_AUDIO_STREAM"
