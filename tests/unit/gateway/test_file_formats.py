"""Which kind of file is meant."""

from pathlib import Path

import pytest

from gateway.cli.errors import UsageError
from gateway.cli.speech.file_formats import AudioFile, audio_file_of
from gateway.cli.speech.pronunciations import pronunciations


@pytest.mark.parametrize(
    ("name", "kind"), [("a.WAV", "wav"), ("a.mp3", "mp3"), ("a.opus", "ogg"), ("a.m4a", "aac")]
)
def test_the_name_of_a_file_tells_its_kind(name: str, kind: str) -> None:
    assert audio_file_of(Path(name), None) == kind


def test_what_was_asked_for_counts_more_than_the_name() -> None:
    assert audio_file_of(Path("a.wav"), AudioFile.FLAC) is AudioFile.FLAC
    assert audio_file_of(None, None) is AudioFile.WAV
    with pytest.raises(UsageError, match="What kind of file is"):
        audio_file_of(Path("a.docx"), None)


def test_a_pronunciation_is_a_word_and_how_it_is_spoken() -> None:
    (read,) = pronunciations(["nginx= engine ex"])
    assert (read.written, read.spoken) == ("nginx", "engine ex")


@pytest.mark.parametrize("said", ["nginx", "=engine", "nginx= "])
def test_half_a_pronunciation_is_refused(said: str) -> None:
    with pytest.raises(UsageError, match="makes no sense"):
        pronunciations([said])
