"""Speech becomes clips; every sample is in exactly one clip or one gap."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.audio_qc.chunking import Limits, Range, chunk, gaps_between

RATE = 1_000
LIMITS = Limits(min_clip=2_000, max_clip=11_500, max_pause=1_000, pad=150, sample_rate_hertz=RATE)


def middle_of(start: int, end: int) -> int:
    return (start + end) // 2


def cut(
    *speech: tuple[float, float],
    seconds: float = 60,
    fences: tuple[float, ...] = (),
    limits: Limits = LIMITS,
) -> list[tuple[float, float]]:
    clips = chunk(
        [Range(round(start * RATE), round(end * RATE)) for start, end in speech],
        round(seconds * RATE),
        limits,
        fences=[round(fence * RATE) for fence in fences],
        quietest_in=middle_of,
    )
    return [(clip.start / RATE, clip.end / RATE) for clip in clips]


@st.composite
def recordings(draw: st.DrawFn) -> tuple[list[Range], int, list[int]]:
    steps = draw(st.lists(st.tuples(st.integers(1, 3_000), st.integers(1, 30_000)), max_size=40))
    at, speech = 0, []
    for pause, length in steps:
        speech.append(Range(at + pause, at + pause + length))
        at += pause + length
    count = at + draw(st.integers(0, 3_000))
    fences = draw(st.lists(st.integers(0, max(1, count)), max_size=8))
    return speech, count, fences


@given(recordings())
def test_clips_and_gaps_cover_every_sample_once(
    recorded: tuple[list[Range], int, list[int]],
) -> None:
    speech, count, fences = recorded
    clips = chunk(speech, count, LIMITS, fences=fences, quietest_in=middle_of)
    pieces = sorted([*clips, *gaps_between(clips, count)], key=lambda piece: piece.start)
    assert all(piece.length > 0 for piece in pieces)
    assert sum(piece.length for piece in pieces) == count
    assert all(left.end == right.start for left, right in pairwise(pieces))


@given(recordings())
def test_no_clip_is_too_long_or_holds_a_change_of_speaker(
    recorded: tuple[list[Range], int, list[int]],
) -> None:
    speech, count, fences = recorded
    inside_speech = [f for f in fences if any(piece.start < f < piece.end for piece in speech)]
    for clip in chunk(speech, count, LIMITS, fences=fences, quietest_in=middle_of):
        assert clip.length <= LIMITS.max_clip
        assert not any(clip.start < fence < clip.end for fence in inside_speech)


@given(recordings())
def test_all_speech_is_in_clips(recorded: tuple[list[Range], int, list[int]]) -> None:
    speech, count, fences = recorded
    clips = chunk(speech, count, LIMITS, fences=fences, quietest_in=middle_of)
    for gap in gaps_between(clips, count):
        assert not any(piece.start < gap.end and gap.start < piece.end for piece in speech)


def test_neighbours_are_joined_as_far_as_they_fit() -> None:
    assert cut((1, 4), (4.5, 7), (7.5, 10)) == [(0.85, 10.15)]


def test_speech_is_cut_at_its_longest_pause() -> None:
    found = cut((1, 4), (4.2, 7), (7.9, 10), (10.2, 14))
    assert found == [(0.85, 7.15), (7.75, 14.15)]


def test_a_short_sentence_joins_a_neighbour_rather_than_get_lost() -> None:
    assert cut((1, 2), (2.9, 6)) == [(0.85, 6.15)]


def test_speech_is_not_joined_over_long_pauses() -> None:
    assert cut((1, 4), (5.5, 8)) == [(0.85, 4.15), (5.35, 8.15)]


def test_what_is_too_short_and_alone_is_returned_for_rejection() -> None:
    assert cut((10, 10.5)) == [(9.85, 10.65)]


def test_speech_without_pauses_is_cut_at_quiet_points() -> None:
    found = cut((1, 31))
    assert len(found) == 4
    assert all(end - start <= 11.5 for start, end in found)


def test_a_change_of_speaker_parts_clips() -> None:
    assert cut((1, 4), (4.4, 8), fences=(4.2,)) == [(0.85, 4.15), (4.25, 8.15)]
    assert cut((1, 8), fences=(4,)) == [(0.85, 4.0), (4.0, 8.15)]


def test_clips_take_at_most_half_of_a_pause() -> None:
    assert cut((1, 9), (9.1, 18)) == [(0.85, 9.05), (9.05, 18.15)]


def test_a_clip_keeps_inside_the_recording() -> None:
    assert cut((0.05, 5), seconds=5) == [(0.0, 5.0)]


def test_silence_gives_no_clips_and_one_gap() -> None:
    assert chunk([], 5_000, LIMITS, quietest_in=middle_of) == []
    assert gaps_between([], 5_000) == [Range(0, 5_000)]


def test_tens_of_thousands_of_pieces_are_cut_in_a_moment() -> None:
    speech = [Range(at * 1_500, at * 1_500 + 1_200) for at in range(50_000)]
    clips = chunk(speech, 75_000_000, LIMITS, fences=range(700, 75_000_000, 40_000),
                  quietest_in=middle_of)  # fmt: skip
    assert len(clips) > 5_000
