"""Whose voice it is, on real recorded speech with the real models."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from services.audio_qc.clips import Clip
from services.audio_qc.inference import Models
from services.audio_qc.pace import Pace, unreported
from services.audio_qc.planning import plan_of
from services.audio_qc.preparation import Prepared, prepare
from services.audio_qc.settings import AudioQcSettings
from services.audio_qc.voices.casting import Cast
from services.audio_qc.voices.reference import reference_voice
from tests import speech
from tests.speech import Samples
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb

PLAN = plan_of(pb.PrepareAudioRequest(), AudioQcSettings(store_url="file:///unused"))
PACE = Pace(unreported)
ENGLISH = "en"
ITALIAN = "it"


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


def voices(language: str, count: int, *, skip: int = 0) -> list[Samples]:
    found = speech.prompts(language, min_seconds=2.5)[skip : skip + count]
    return [speech.load(path) for path, _ in found]


def in_turn(pieces: Sequence[Samples], gap_seconds: float = 0.8) -> Samples:
    gap = speech.silence(gap_seconds)
    return np.concatenate([gap, *(part for piece in pieces for part in (piece, gap))])


def prepared(samples: Samples, models: Models, folder: Path, reference: str = "") -> Prepared:
    path = speech.save(folder / "sound.flac", samples)
    voice = None
    if reference:
        clip = speech.save(folder / "reference.flac", in_turn(voices(reference, 1, skip=30)))
        voice = reference_voice(clip, models, folder, PACE)
    return prepare(path, PLAN, models, folder, reference=voice, pace=PACE)


def accepted(clips: Sequence[Clip]) -> list[Clip]:
    return [clip for clip in clips if not clip.reasons]


def seconds(clips: Sequence[Clip]) -> float:
    return sum(clip.measures.duration_seconds for clip in clips)


def codes(clips: Sequence[Clip]) -> set[str]:
    return {reason.code for clip in clips for reason in clip.reasons}


def test_a_talk_of_one_person_is_one_speaker_and_nearly_all_of_it_is_kept(
    models: Models, tmp_path: Path
) -> None:
    found = prepared(in_turn(voices(ENGLISH, 20)), models, tmp_path)
    assert [voice.speaker_id for voice in found.cast.voices] == ["speaker_1"]
    assert {clip.speaker_id for clip in accepted(found.clips)} == {"speaker_1"}
    spoken = sum(
        clip.measures.speech_ratio * clip.measures.duration_seconds
        for clip in accepted(found.clips)
    )
    assert spoken >= 0.9 * found.speech_seconds
    assert all(2 <= clip.measures.duration_seconds <= 11.5 for clip in accepted(found.clips))


@pytest.fixture(scope="module")
def dialogue() -> Samples:
    """A woman and a man in turn; she speaks longer."""
    women, men = voices(ENGLISH, 9), voices(ITALIAN, 6)
    turns = [turn for pair in zip(women, men, strict=False) for turn in pair]
    return in_turn([*turns, *women[6:]], gap_seconds=0.3)


@pytest.mark.parametrize("reference", ["", ENGLISH, ITALIAN])
def test_only_the_wanted_person_is_kept(
    models: Models, tmp_path: Path, dialogue: Samples, reference: str
) -> None:
    found = prepared(dialogue, models, tmp_path, reference)
    kept = accepted(found.clips)
    wanted, other = (ITALIAN, ENGLISH) if reference == ITALIAN else (ENGLISH, ITALIAN)
    centre = {
        language: np.mean([models.embedder.embed(x) for x in voices(language, 5)], axis=0)
        for language in (wanted, other)
    }
    for clip in kept:
        start, end = (
            round(at * 16_000 / PLAN.sample_rate_hertz) for at in (clip.range.start, clip.range.end)
        )
        voice = models.embedder.embed(dialogue[start:end])
        assert float(voice @ centre[wanted]) > float(voice @ centre[other]) + 0.15
    expected = seconds_of(voices(wanted, 9 if wanted == ENGLISH else 6))
    assert seconds(kept) >= 0.75 * expected
    assert "OTHER_SPEAKER" in codes(found.clips)
    assert is_target_first(found.cast)


def seconds_of(pieces: Sequence[Samples]) -> float:
    return sum(len(piece) for piece in pieces) / speech.SAMPLE_RATE_HERTZ


def is_target_first(cast: Cast) -> bool:
    return cast.target is not None and cast.voices[0] is cast.target


def test_people_who_talk_over_each_other_stay_out(models: Models, tmp_path: Path) -> None:
    both = []
    for woman, man in zip(voices(ENGLISH, 4), voices(ITALIAN, 4), strict=True):
        count = min(len(woman), len(man))
        level = speech.rms(woman) / speech.rms(man)
        both.append(np.asarray(0.5 * (woman[:count] + man[:count] * level), np.float32))
    alone = voices(ENGLISH, 5, skip=10)
    overlapping = seconds_of(both)
    found = prepared(in_turn([*alone, *both], gap_seconds=1.3), models, tmp_path)
    limit = (seconds_of(alone) + 1.3 * (len(alone) + 1)) * PLAN.sample_rate_hertz
    after = [clip for clip in found.clips if clip.range.start >= limit]
    assert seconds(after) > 0.8 * overlapping
    assert accepted(after) == []
    assert "OVERLAP" in codes(after)
    assert seconds(accepted(found.clips)) > 0.8 * seconds_of(alone)
