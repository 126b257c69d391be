from pathlib import Path

import pytest

from services.inference.files.encoding import command_for
from services.inference.files.formats import AudioFileFormat
from services.inference.files.tags import SpeechTags

TAGS = SpeechTags(voice_id="joe", model="joe-vits", model_version="1.0.0")


@pytest.mark.parametrize(
    ("file_format", "media_type", "suffix"),
    [
        (AudioFileFormat.WAV, "audio/wav", ".wav"),
        (AudioFileFormat.FLAC, "audio/flac", ".flac"),
        (AudioFileFormat.MP3, "audio/mpeg", ".mp3"),
        (AudioFileFormat.OGG_OPUS, "audio/ogg", ".ogg"),
        (AudioFileFormat.AAC, "audio/mp4", ".m4a"),
    ],
)
def test_each_format_has_its_media_type_and_suffix(
    file_format: AudioFileFormat, media_type: str, suffix: str
) -> None:
    assert file_format.media_type == media_type
    assert file_format.suffix == suffix


def test_the_comment_alone_says_that_no_person_spoke_and_who_did() -> None:
    assert TAGS.as_metadata()["comment"] == (
        "synthetic=1; generator=tts-trainer; voice=joe; model=joe-vits; model_version=1.0.0"
    )


def test_a_path_is_never_read_as_an_option_and_nothing_of_the_run_is_written() -> None:
    command = command_for(
        Path("-i"),
        Path("-y.wav"),
        sample_rate_hertz=22_050,
        file_format=AudioFileFormat.WAV,
        tags=TAGS,
        program=Path("ffmpeg"),
    )

    assert "file:-i" in command
    assert "file:-y.wav" in command
    assert command[command.index("-fflags") + 1] == "+bitexact"
    assert command[command.index("-ar") + 1] == "22050"
