"""What may be started, and what comes of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.audio_qc.planning import plan_of
from services.audio_qc.settings import AudioQcSettings
from services.chassis.errors import InvalidInputError
from services.dataset.versions import checked_dataset_id
from services.pipeline.new_run import Source, complaints_about, is_voice_name, new_run, run_id_of
from services.pipeline.run_model import Options
from services.transcription.languages import checked_tag
from tests.fakes.pipeline import NOW, recording_id, source
from ttstrainer.audio_qc.v1.audio_qc_service_pb2 import PrepareAudioRequest


def fields_complained_about(
    voice: str = "ada", sources: list[Source] | None = None, options: Options | None = None
) -> list[str]:
    given = [source("a")] if sources is None else sources
    found = complaints_about(voice, given, options or Options(), max_recordings=3)
    return [complaint.field for complaint in found]


def is_taken(check: Callable[[], object]) -> bool:
    """Says whether a later stage would take it."""
    try:
        check()
    except InvalidInputError:
        return False
    return True


def test_a_voice_and_a_recording_are_enough() -> None:
    assert fields_complained_about() == []


@pytest.mark.parametrize("name", ["", ".ada", "a b", "a/b", "ada\n", "ä", "x" * 64, ".."])
def test_a_name_that_could_not_be_a_folder_is_no_voice(name: str) -> None:
    assert not is_voice_name(name)
    assert fields_complained_about(voice=name) == ["voice"]


@pytest.mark.parametrize("name", ["_ada", "-ada", "ada.", "ada_", "a-", "a.b", "7", "x" * 63])
def test_a_voice_is_what_can_name_a_dataset_too(name: str) -> None:
    """Otherwise the run would fail at its very end."""
    assert is_voice_name(name) == is_taken(lambda: checked_dataset_id(name))


@pytest.mark.parametrize("tag", ["en", "pt-BR", "pt_BR", "zh-Hans-CN", "de-x-a", "x", "english"])
def test_a_language_is_what_can_be_transcribed_too(tag: str) -> None:
    accepted = not fields_complained_about(options=Options(language_code=tag))

    assert accepted == is_taken(lambda: checked_tag(tag))


@pytest.mark.parametrize(
    ("shortest", "longest"), [(0.3, 0), (0.5, 1), (3, 5), (3, 6), (0, 0.5), (6, 12), (0, 30)]
)
def test_clip_lengths_are_what_can_be_prepared_too(shortest: float, longest: float) -> None:
    options = Options(min_clip_seconds=shortest, max_clip_seconds=longest)
    request = PrepareAudioRequest(min_clip_seconds=shortest, max_clip_seconds=longest)
    settings = AudioQcSettings(store_url="file:///unused", min_clip_seconds=0.5)

    accepted = not fields_complained_about(options=options)

    assert accepted == is_taken(lambda: plan_of(request, settings))


def test_there_must_be_something_to_run_on() -> None:
    assert fields_complained_about(sources=[]) == ["sources"]


def test_a_run_takes_only_so_many_recordings() -> None:
    assert fields_complained_about(sources=[source(name) for name in "abcd"]) == ["sources"]
    assert fields_complained_about(sources=[source(name) for name in "abcaaaa"]) == []


def test_a_recording_is_named_by_its_hash() -> None:
    sources = [source("a"), Source("/etc/passwd")]

    assert fields_complained_about(sources=sources) == ["sources[1].recording_id"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (Options(language_code="english please"), "language_code"),
        (Options(track_language_code="?"), "track_language_code"),
        (Options(sample_rate_hertz=16_000), "sample_rate_hertz"),
        (Options(noise_reduction="much"), "noise_reduction"),
        (Options(min_clip_seconds=-1), "min_clip_seconds"),
        (Options(max_clip_seconds=31), "max_clip_seconds"),
        (Options(min_clip_seconds=5, max_clip_seconds=4), "max_clip_seconds"),
        (Options(validation_ratio=0.5), "validation_ratio"),
        (Options(min_success_ratio=float("nan")), "min_success_ratio"),
    ],
)
def test_an_option_out_of_range_is_named(options: Options, field: str) -> None:
    assert fields_complained_about(options=options) == [f"options.{field}"]


def test_a_recording_that_is_named_twice_is_used_once_and_said_so() -> None:
    sources = [source("a"), Source(recording_id("a"), "copy of a"), source("b"), source("b")]

    snapshot = new_run("run", "ada", sources, Options(), NOW)

    assert [each.display_name for each in snapshot.recordings] == ["a", "b"]
    assert snapshot.run.notes == (
        "'copy of a' is the same recording as 'a' and is used once.",
        "'b' was given twice and is used once.",
    )


def test_run_ids_sort_by_time() -> None:
    ids = [run_id_of(f"request {hour}", NOW + timedelta(hours=hour)) for hour in range(30)]

    assert ids == sorted(ids)
    assert ids[0].startswith("20261123-041530-")


def test_a_long_name_is_shortened_between_characters() -> None:
    (recording,) = new_run(
        "run", "ada", [Source(recording_id("a"), "🎙" * 100)], Options(), NOW
    ).recordings

    assert recording.display_name == "🎙" * 49 + "…"
