"""A transcript that lies beside a video is used, and checked against what is heard."""

import json
from pathlib import Path

import pytest

from tests.e2e.command import run_pipeline
from tests.e2e.stack import RunningStack
from tests.e2e.talks import Talk, record, sentences

pytestmark = pytest.mark.timeout(90)


def test_true_subtitles_give_the_text_and_false_ones_cost_their_clip(
    stack: RunningStack, tmp_path: Path
) -> None:
    videos, output = tmp_path / "videos", tmp_path / "dataset"
    talk = record(videos / "talk.mp4", sentences()[28:30])
    first, second = talk.sayings
    # As no recogniser would write it, so that it can be told where the text comes from.
    written = (first.text.title(), "The ship sails to Madagascar with a cargo of tea.")
    talk.path.with_suffix(".srt").write_text(srt(talk, written))
    options = ("--language", "en", "--max-clip", str(second.end_seconds - first.start_seconds - 1))
    ended = run_pipeline(videos, output, *options, home=stack.home, voice="titled")
    assert ended.exit_code == 0, ended
    clips = json.loads((output / "dataset.json").read_text())["clips"]
    kept = [clip["text"] for clip in clips if not clip.get("reasons")]
    assert kept == [written[0]]
    assert "SUBTITLE_MISMATCH" in ended.result["recordings"][0]["rejections"]


def srt(talk: Talk, texts: tuple[str, ...]) -> str:
    """Returns subtitles that show each text while its saying is spoken."""
    shown = zip(talk.sayings, texts, strict=True)
    return "\n".join(
        f"{number}\n{_time(saying.start_seconds)} --> {_time(saying.end_seconds)}\n{text}\n"
        for number, (saying, text) in enumerate(shown, start=1)
    )


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"00:{minutes:02}:{rest // 1000:02},{rest % 1000:03}"
