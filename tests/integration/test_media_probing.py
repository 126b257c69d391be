"""What ffprobe finds in real containers."""

from pathlib import Path

import pytest

from services.chassis.errors import UnavailableError
from services.media.ffmpeg import version_of
from tests.media_parts import MediaParts, media_parts
from tests.recorded_media import encode, record
from ttstrainer.media.v1 import media_service_pb2 as pb

CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=500
title=Einführung
[CHAPTER]
TIMEBASE=1/1000
START=500
END=1000
title=The rest
"""


@pytest.fixture
def parts(tmp_path: Path) -> MediaParts:
    return media_parts(tmp_path)


async def test_chapters_are_told_with_their_times(parts: MediaParts, tmp_path: Path) -> None:
    (tmp_path / "chapters.txt").write_text(CHAPTERS)
    book = encode(
        tmp_path / "book.m4a",
        *("-f", "lavfi", "-i", "sine=duration=1", "-i", tmp_path / "chapters.txt"),
        *("-map", "0", "-map_chapters", "1"),
    )
    chapters = (await parts.probe(book)).chapters
    assert [(each.start_seconds, each.end_seconds, each.title) for each in chapters] == [
        (0.0, 0.5, "Einführung"),
        (0.5, 1.0, "The rest"),
    ]


async def test_a_cover_picture_and_subtitles_are_told_apart(
    parts: MediaParts, tmp_path: Path
) -> None:
    (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello.\n")
    cover = encode(tmp_path / "cover.png", "-f", "lavfi", "-i", "color=size=8x8", "-vframes", "1")
    song = encode(
        tmp_path / "song.m4a",
        *("-f", "lavfi", "-i", "sine=duration=1", "-i", cover, "-i", tmp_path / "words.srt"),
        *("-map", "0", "-map", "1", "-map", "2", "-c:v", "copy", "-c:s", "mov_text"),
        *("-disposition:v", "attached_pic", "-metadata:s:s:0", "language=fra"),
    )
    kinds = {each.kind: each for each in (await parts.probe(song)).streams}
    assert set(kinds) == {pb.STREAM_KIND_AUDIO, pb.STREAM_KIND_OTHER, pb.STREAM_KIND_SUBTITLE}
    assert kinds[pb.STREAM_KIND_SUBTITLE].language_code == "fr"
    assert (await parts.extract(song)).sample_count > 0


async def test_telephone_sound_is_warned_of(parts: MediaParts, tmp_path: Path) -> None:
    phone = encode(
        tmp_path / "phone.mp3", "-i", record(tmp_path, "wav"), "-ar", "8000", "-b:a", "16k"
    )
    media = await parts.probe(phone)
    assert [each.reason for each in media.warnings] == ["LOW_SAMPLE_RATE", "LOW_BIT_RATE"]


async def test_the_version_is_the_one_that_results_depend_on() -> None:
    assert await version_of(Path("ffmpeg")) == await version_of(Path("ffprobe"))


async def test_a_missing_ffmpeg_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="apt-get install ffmpeg"):
        await version_of(tmp_path / "ffmpeg")
