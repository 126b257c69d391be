"""Stage by stage, each output the next one's input, comes to the same dataset as in one go."""

from pathlib import Path

import pytest

from tests import speech
from tests.e2e.command import Ended, run_pipeline, tts_trainer
from tests.e2e.stack import RunningStack
from tests.e2e.talks import GAP_SECONDS, record, sentences

LANGUAGE = ("--language", "en")
MODEL = ("--model", "tiny.en")

pytestmark = pytest.mark.timeout(120)


def test_four_stages_make_the_dataset_that_one_run_makes(
    stack: RunningStack, tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    record(videos / "talk.mov", sentences()[38:40])
    audio, clips, texts = (tmp_path / name for name in ("audio", "clips", "transcripts"))
    stage(stack, "extract-audio", videos, audio, *LANGUAGE)
    assert (audio / "talk.flac").stat().st_size > 0
    stage(stack, "preprocess-audio", audio, clips, "--clips")
    assert list((clips / "talk").glob("*.wav"))
    stage(stack, "transcribe", clips, texts, *LANGUAGE, *MODEL)
    assert " --> " in (texts / "talk.srt").read_text()
    assert (texts / "talk.txt").read_text().strip()
    built = stage(
        stack, "build-dataset", texts, tmp_path / "staged", *LANGUAGE, "--voice", "staged"
    )
    assert (tmp_path / "staged/report.html").is_file()
    at_once = run_pipeline(videos, tmp_path / "at once", *LANGUAGE, home=stack.home, voice="once")
    assert built.result["summary"]["kept_count"] > 0
    assert built.result["digest"] == at_once.result["digest"]


def test_the_stages_go_on_in_another_data_folder(stack: RunningStack, tmp_path: Path) -> None:
    """Here the store has none of it: what lies beside the sidecars is sent again."""
    videos, texts = tmp_path / "videos", tmp_path / "transcripts"
    record(videos / "talk.mp4", sentences()[39:40])
    stage(stack, "extract-audio", videos, tmp_path / "audio")
    stage(stack, "preprocess-audio", tmp_path / "audio", tmp_path / "clips")
    stage(stack, "transcribe", tmp_path / "clips", texts, *LANGUAGE, *MODEL)
    arguments = ("build-dataset", "--input", texts, "--output", tmp_path / "dataset")
    here = tts_trainer(*arguments, "--voice", "moved", home=stack.home)
    there = tts_trainer(*arguments, "--voice", "moved", home=tmp_path / "elsewhere")
    assert there.exit_code == 0, there
    assert there.result["digest"] == here.result["digest"]


def test_a_stage_takes_a_plain_file_and_does_what_comes_before_it(
    stack: RunningStack, tmp_path: Path
) -> None:
    ((path, text),) = sentences()[40:41]
    talk = speech.talk([path], gap_seconds=GAP_SECONDS)
    wav = speech.save(tmp_path / "memo.wav", talk)
    stage(stack, "transcribe", wav, tmp_path / "texts", *LANGUAGE, *MODEL)
    heard = (tmp_path / "texts/memo.txt").read_text().lower()
    longest = max(text.strip(".").lower().split(), key=len)
    assert longest in heard


def stage(stack: RunningStack, name: str, source: Path, target: Path, *options: str) -> Ended:
    """Runs a stage, which must leave nothing out."""
    ended = tts_trainer(name, "--input", source, "--output", target, *options, home=stack.home)
    assert ended.exit_code == 0, (name, ended)
    return ended
