"""Names shown to people and given to files."""

from pathlib import Path

import pytest

from gateway.cli.names import printable, stem_of, voice_of


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("talk.mp4", "talk.mp4"),
        ("line\nbreak", "line\\nbreak"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("naïve 你好", "naïve 你好"),
        ("bad\udcff", "bad\ufffd"),
    ],
)
def test_what_a_terminal_would_act_on_is_spelled_out(name: str, shown: str) -> None:
    assert printable(name) == shown


def test_a_stem_that_is_taken_gets_the_recordings_id() -> None:
    path = Path("talk.mp4")
    assert stem_of(path, "0123456789", ()) == "talk"
    assert stem_of(path, "0123456789", {"talk"}) == "talk-01234567"


def test_a_stem_leaves_room_for_suffixes_and_is_cut_between_characters() -> None:
    stem = stem_of(Path("ü" * 120 + ".mp4"), "0123456789", ())
    assert stem == "ü" * 100


@pytest.mark.parametrize(
    ("folder", "voice"),
    [("ada", "ada"), ("my videos!", "my-videos"), ("你好", "voice"), ("x" * 80, "x" * 63)],
)
def test_a_voice_is_named_after_the_folder(tmp_path: Path, folder: str, voice: str) -> None:
    (tmp_path / folder).mkdir()
    assert voice_of(tmp_path / folder) == voice
    assert voice_of(tmp_path / folder / "talk.mp4") == voice
