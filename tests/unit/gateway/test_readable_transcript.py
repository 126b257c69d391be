"""Transcripts for people and players."""

from gateway.cli.stages.readable_transcript import as_srt, as_text
from ttstrainer.transcription.v1.transcription_service_pb2 import ClipTranscript

CLIPS = [
    ClipTranscript(start_seconds=0.5, end_seconds=2.25, text=" Hello\nthere. "),
    ClipTranscript(start_seconds=3, end_seconds=4, text="  "),
    ClipTranscript(start_seconds=3661.9996, end_seconds=3662.5, text="Bye."),
]


def test_text_has_a_line_a_clip_that_says_something() -> None:
    assert as_text(CLIPS) == "Hello there.\nBye.\n"


def test_subtitles_are_numbered_cues_with_rounded_times() -> None:
    assert as_srt(CLIPS) == (
        "1\n00:00:00,500 --> 00:00:02,250\nHello there.\n\n2\n01:01:02,000 --> 01:01:02,500\nBye.\n"
    )
