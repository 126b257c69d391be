"""Which dropped files become which run."""

from datetime import timedelta

import pytest

from services.pipeline.drops.bunches import (
    Bunch,
    File,
    Patience,
    Sighting,
    bunches,
    is_partial,
    observed,
    request_id_of,
    strays,
)
from tests.fakes.pipeline import NOW

PATIENCE = Patience(rest_seconds=5, quiet_seconds=20)
LATER = NOW + timedelta(seconds=20)


def file(key: str, size_bytes: int = 1000) -> File:
    return File(f"inbox/{key}", size_bytes, NOW)


def due(*keys: str, refused: tuple[str, ...] = ()) -> list[Bunch]:
    seen = observed({}, [file(key) for key in keys], NOW)
    return bunches(seen, refused, PATIENCE, LATER)


def names(bunch: Bunch) -> list[str]:
    return [each.name for each in bunch.recordings]


def test_the_drops_of_a_voice_become_one_run() -> None:
    (ada, bob) = due("ada/1.mp4", "bob/x.mkv", "ada/deep/er/2.mp4")

    assert (ada.voice, names(ada)) == ("ada", ["1.mp4", "2.mp4"])
    assert (bob.voice, names(bob)) == ("bob", ["x.mkv"])


def test_a_file_that_grows_is_waited_for() -> None:
    seen: dict[str, Sighting] = {}
    for second in range(40):
        now = NOW + timedelta(seconds=second)
        seen = observed(seen, [file("ada/1.mp4", size_bytes=second)], now)
        assert bunches(seen, (), PATIENCE, now) == []

    for second in range(40, 60):
        now = NOW + timedelta(seconds=second)
        seen = observed(seen, [file("ada/1.mp4", size_bytes=39)], now)
    assert len(bunches(seen, (), PATIENCE, now)) == 1


def test_another_drop_keeps_the_voice_waiting_but_no_other() -> None:
    seen = observed({}, [file("ada/1.mp4"), file("bob/1.mp4")], NOW)
    now = NOW + timedelta(seconds=19)
    files = [file("ada/1.mp4"), file("bob/1.mp4"), file("ada/2.mp4")]
    seen = observed(seen, files, now)

    assert [bunch.voice for bunch in bunches(seen, (), PATIENCE, LATER)] == ["bob"]
    assert len(bunches(seen, (), PATIENCE, now + timedelta(seconds=20))) == 2


def test_a_refused_file_stays_out_until_it_changes() -> None:
    refused = (file("ada/1.mp4").identity,)

    assert [names(each) for each in due("ada/1.mp4", "ada/2.mp4", refused=refused)] == [["2.mp4"]]
    assert due("ada/1.mp4", refused=refused) == []
    changed = observed({}, [file("ada/1.mp4", size_bytes=2)], NOW)
    assert len(bunches(changed, refused, PATIENCE, LATER)) == 1


@pytest.mark.parametrize("sidecar", ["talk.srt", "talk.mp4.vtt", "talk.SRT"])
def test_a_transcript_beside_a_recording_belongs_to_it(sidecar: str) -> None:
    (bunch,) = due("ada/talk.mp4", f"ada/{sidecar}", "ada/other.mp4")

    assert names(bunch) == ["other.mp4", "talk.mp4"]
    assert {key: each.name for key, each in bunch.subtitles.items()} == {
        "inbox/ada/talk.mp4": sidecar
    }


def test_a_transcript_alone_is_no_drop() -> None:
    assert due("ada/talk.srt") == []


def test_the_voice_file_is_no_recording() -> None:
    assert due("ada/voice.json") == []
    (bunch,) = due("ada/voice.json", "ada/1.mp4")
    assert names(bunch) == ["1.mp4"]
    assert bunch.voice_file == file("ada/voice.json")


def test_notes_about_refused_files_are_no_recordings() -> None:
    assert due("ada/1.mp4.refused.txt") == []


@pytest.mark.parametrize(
    "name", ["a.part", "a.mp4.crdownload", ".hidden.mp4", "a.mp4~", "~lock.mp4", "A.TMP"]
)
def test_what_is_not_finished_is_left_alone(name: str) -> None:
    assert is_partial(name)
    assert due(f"ada/{name}") == []


@pytest.mark.parametrize("name", ['it\'s "quoted".mp4', "zwei\nZeilen.mov", "каша 🎙.mkv", "noext"])
def test_names_may_hold_any_character(name: str) -> None:
    (bunch,) = due(f"ada/{name}")

    assert names(bunch) == [name]


def test_files_in_no_voices_folder_are_strays() -> None:
    seen = observed({}, [file("video.mp4"), file("a b/video.mp4"), file("ada/video.mp4")], NOW)

    assert [each.key for each in strays(seen, (), PATIENCE, LATER)] == [
        "inbox/video.mp4",
        "inbox/a b/video.mp4",
    ]
    refused = [file("video.mp4").identity, file("a b/video.mp4").identity]
    assert strays(seen, refused, PATIENCE, LATER) == []


def test_the_same_drop_asks_for_the_same_run() -> None:
    files = [file("ada/1.mp4"), file("ada/2.mp4")]

    first = request_id_of("ada", ["b" * 64, "a" * 64], files)

    assert first == request_id_of("ada", ["a" * 64, "b" * 64], files[::-1])
    assert first != request_id_of("bob", ["a" * 64, "b" * 64], files)
    dropped_again = File("inbox/ada/1.mp4", 1000, NOW + timedelta(days=1))
    assert first != request_id_of("ada", ["a" * 64, "b" * 64], [dropped_again, files[1]])
