"""What is read from SRT and WebVTT."""

import pytest

from services.chassis.errors import InvalidInputError
from services.transcription.subtitles import Cue, parsed, spoken

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Hello</i> there,

2
00:00:03,000 --> 00:00:05,000
- NARRATOR: general Kenobi.

3
00:00:06,000 --> 00:00:07,000
[music]
"""
VTT = """WEBVTT

00:01.000 --> 00:02.500 align:start
<v Ann>Hello</v> there,

00:03.000 --> 00:05.000
general Kenobi.
"""
CUES = [Cue(1.0, 2.5, "Hello there,"), Cue(3.0, 5.0, "general Kenobi.")]


@pytest.mark.parametrize("content", [SRT, VTT, "\ufeff" + SRT, SRT.replace("\n", "\r\n")])
def test_srt_and_vtt_give_the_same_cues(content: str) -> None:
    assert parsed(content.encode()) == CUES


@pytest.mark.parametrize(
    "content",
    [b"", b"just a text", b"\xff\xfe\x00", b"WEBVTT\n\n", b"\x00" * 100, b"1\n99:99 --> x\nhi\n"],
)
def test_anything_else_is_refused_with_what_to_give(content: bytes) -> None:
    with pytest.raises(InvalidInputError, match="Give an SRT or WebVTT file") as caught:
        parsed(content)
    assert caught.value.reason == "INVALID_SUBTITLES"


def test_a_cue_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="ends before it starts"):
        parsed(b"1\n00:00:09,000 --> 00:00:08,000\nhello\n")


@pytest.mark.parametrize(
    ("caption", "said"),
    [
        ("{\\an8}<b>Stop</b> it", "Stop it"),
        (">> DR. WHO: run!", "run!"),
        ("- No.\n- Yes.", "No. Yes."),
        ("(laughs) well [door slams] then", "well then"),
        ("♪ la la la ♪", ""),
        ("At 9: the news", "At 9: the news"),
        ("press # to go on", "press # to go on"),
        ("wait - no", "wait - no"),
    ],
)
def test_only_what_is_said_remains(caption: str, said: str) -> None:
    assert spoken(caption) == said
