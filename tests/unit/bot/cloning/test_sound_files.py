"""Telling sound from everything else by how a file begins."""

import io

import numpy as np
import pytest
import soundfile

from bot.cloning.sound_files import Kind, kind_of


def sound(format_: str, subtype: str | None = None) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(16_000, np.float32), 16_000, format=format_, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize(
    ("format_", "subtype"),
    [
        ("WAV", "PCM_16"),
        ("RF64", "PCM_16"),
        ("FLAC", None),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", None),
        ("AIFF", None),
        ("CAF", None),
    ],
)
def test_what_people_record_with_is_sound(format_: str, subtype: str | None) -> None:
    assert kind_of(sound(format_, subtype)) is Kind.SOUND


def test_an_mp3_without_tags_and_aac_are_sound() -> None:
    assert kind_of(b"\xff\xfb\x90\x64" + bytes(100)) is Kind.SOUND
    assert kind_of(b"\xff\xf1\x50\x80" + bytes(100)) is Kind.SOUND


def test_an_m4a_is_sound_though_its_container_is_one_of_videos() -> None:
    sound_track = b"hdlr" + bytes(8) + b"soun"
    assert kind_of(b"\0\0\0\x20ftypM4A " + bytes(16) + sound_track) is Kind.SOUND
    assert kind_of(b"\0\0\0\x20ftypisom" + bytes(16) + sound_track) is Kind.SOUND


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0\0\x20ftypisom" + bytes(40) + b"hdlr" + bytes(8) + b"vide",
        b"\0\0\0\x14ftypqt  " + bytes(16),
        b"\x1aE\xdf\xa3" + bytes(30),
        b"RIFF\0\0\0\0AVI LIST",
        b"FLV\x01" + bytes(10),
    ],
    ids=["mp4", "quicktime", "matroska", "avi", "flv"],
)
def test_a_video_is_a_video(content: bytes) -> None:
    assert kind_of(content) is Kind.VIDEO


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"This is a text, renamed.", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"#EXTM3U\n"],
)
def test_everything_else_is_no_sound(content: bytes) -> None:
    assert kind_of(content) is Kind.OTHER
