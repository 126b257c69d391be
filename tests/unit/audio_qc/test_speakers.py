"""Clips are sorted by voice, and the wanted voice is chosen."""

import numpy as np
import pytest

from services.audio_qc.voices.speakers import MAX_CLUSTERED, Voice, choose_target, sort_by_voice
from tests.speech import Samples

DIMENSIONS = 192
SIMILARITY = 0.65


def clips_of(person: int, count: int, *, spread: float = 0.4, seed: int = 0) -> Samples:
    """Unit vectors around one direction; a spread of 0.4 gives similarities around 0.86."""
    generator = np.random.default_rng(1000 * seed + person)
    voice = np.random.default_rng(person).standard_normal(DIMENSIONS)
    voice /= np.linalg.norm(voice)
    scattered = generator.standard_normal((count, DIMENSIONS)) * spread / np.sqrt(DIMENSIONS)
    found = voice + scattered
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def members(voices: list[Voice]) -> list[set[int]]:
    return [set(voice.members) for voice in voices]


def test_two_people_are_told_apart_and_the_one_who_speaks_longer_comes_first() -> None:
    embeddings = np.concatenate([clips_of(1, 10), clips_of(2, 20)])
    voices = sort_by_voice(embeddings, [5.0] * 30, SIMILARITY)
    assert [voice.speaker_id for voice in voices] == ["speaker_1", "speaker_2"]
    assert members(voices) == [set(range(10, 30)), set(range(10))]
    assert [voice.speech_seconds for voice in voices] == [100, 50]


def test_one_person_is_one_voice() -> None:
    assert len(sort_by_voice(clips_of(1, 50), [5.0] * 50, SIMILARITY)) == 1


def test_a_short_clip_goes_to_the_voice_that_long_ones_have_shown() -> None:
    embeddings = np.concatenate(
        [clips_of(1, 5), clips_of(2, 5), clips_of(2, 1, spread=0.9, seed=7)]
    )
    voices = sort_by_voice(embeddings, [5.0] * 10 + [1.5], SIMILARITY)
    assert {10} < members(voices)[0] == {5, 6, 7, 8, 9, 10}


def test_a_short_clip_of_somebody_else_belongs_to_nobody() -> None:
    embeddings = np.concatenate([clips_of(1, 5), clips_of(3, 1)])
    (voice,) = sort_by_voice(embeddings, [5.0] * 5 + [2.0], SIMILARITY)
    assert voice.members == [0, 1, 2, 3, 4]


def test_clips_that_are_all_short_are_still_sorted() -> None:
    embeddings = np.concatenate([clips_of(1, 6), clips_of(2, 4)])
    assert len(sort_by_voice(embeddings, [1.0] * 10, SIMILARITY)) == 2


def test_more_clips_than_can_be_clustered_are_all_sorted() -> None:
    count = MAX_CLUSTERED + 500
    embeddings = np.concatenate([clips_of(1, count), clips_of(2, 800)])
    voices = sort_by_voice(embeddings, [4.0] * len(embeddings), SIMILARITY)
    assert members(voices) == [set(range(count)), set(range(count, count + 800))]


def test_the_target_is_the_one_like_the_reference() -> None:
    embeddings = np.concatenate([clips_of(1, 10), clips_of(2, 20)])
    voices = sort_by_voice(embeddings, [5.0] * 30, SIMILARITY)
    reference = clips_of(1, 1, seed=9)[0]
    chosen = choose_target(voices, reference, SIMILARITY)
    assert chosen is not None
    assert chosen.speaker_id == "speaker_2"


def test_nobody_is_chosen_when_the_reference_is_somebody_else() -> None:
    voices = sort_by_voice(clips_of(1, 10), [5.0] * 10, SIMILARITY)
    assert choose_target(voices, clips_of(4, 1)[0], SIMILARITY) is None


def test_without_a_reference_the_longest_speaker_is_chosen() -> None:
    voices = sort_by_voice(np.concatenate([clips_of(1, 3), clips_of(2, 2)]), [4.0] * 5, SIMILARITY)
    assert choose_target(voices, None, SIMILARITY) is voices[0]


def test_a_recording_without_clips_has_no_voices() -> None:
    assert sort_by_voice(np.zeros((0, DIMENSIONS), np.float32), [], SIMILARITY) == []
    assert choose_target([], None, SIMILARITY) is None


@pytest.mark.parametrize("seed", range(3))
def test_the_same_clips_give_the_same_voices(seed: int) -> None:
    embeddings = np.concatenate([clips_of(1, 30, seed=seed), clips_of(2, 30, seed=seed)])
    first, second = (sort_by_voice(embeddings, [4.0] * 60, SIMILARITY) for _ in range(2))
    assert members(first) == members(second)
    assert all(np.array_equal(a.centroid, b.centroid) for a, b in zip(first, second, strict=True))
